use elbo::prelude::*;

fn main() -> Result<()> {
    let vae = Vae::<784, 2>::params().hidden([4]).build()?;
    vae.decode(&[[0.0, 1.0]])?;
    Ok(())
}

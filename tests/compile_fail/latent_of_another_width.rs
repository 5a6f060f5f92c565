use elbo::prelude::*;

fn main() -> Result<()> {
    let vae = Vae::<784, 2>::params().build()?;
    vae.decode(&[[0.0, 1.0, 2.0]])?;
    Ok(())
}

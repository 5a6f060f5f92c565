use elbo::prelude::*;

fn main() -> Result<()> {
    let digits = data::handwriting().writers(1).repeats(1).images::<32>();
    let mut vae = Vae::<784, 2>::params().build()?;
    vae.fit(&digits, Fit::new())?;
    Ok(())
}

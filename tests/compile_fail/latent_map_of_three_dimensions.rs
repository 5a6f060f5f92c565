use elbo::prelude::*;

fn main() -> Result<()> {
    let digits = data::handwriting().writers(1).repeats(1).images::<28>();
    let vae = Vae::<784, 3>::params().build()?;
    vae.latent_map(&digits, "digit")?;
    Ok(())
}

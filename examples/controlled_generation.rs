use elbo::display::MimeBundle;
use elbo::prelude::*;

fn keep(name: &str, bundle: Result<MimeBundle>) -> Result<()> {
    let bundle = bundle?;
    println!("== {name}\n{}", bundle.text());
    if let Some(png) = bundle.png() {
        std::fs::write(format!("/tmp/m2-out/{name}.png"), png).unwrap();
    }
    if let Some(svg) = bundle.svg() {
        std::fs::write(format!("/tmp/m2-out/{name}.svg"), svg).unwrap();
    }
    if let Some(html) = bundle.html() {
        std::fs::write(format!("/tmp/m2-out/{name}.html"), html).unwrap();
    }
    Ok(())
}

macro_rules! show {
    ($name:literal, $value:expr) => {
        keep($name, $value.mime_bundle())?
    };
}

fn main() -> Result<()> {
    let started = std::time::Instant::now();
    let quick = std::env::args().nth(1).is_some();
    std::fs::create_dir_all("/tmp/m2-out").unwrap();
    // --- data
    let digits = data::handwriting().writers(60).repeats(10).images::<28>();
    let (train, test) = digits.split_by("writer", 0.8, 0)?;
    let labelled = train.filter("repeat", 0)?.take(100);
    let (_, unlabelled) = train.split(0.1, 1)?;
    println!(
        "{} labelled, {} unlabelled, {} to test",
        labelled.len(),
        unlabelled.len(),
        test.len()
    );
    show!("labelled", display::ImageGrid::new(labelled.pixels(), labelled.frame())?.columns(20));
    // --- model
    let mut m2 =
        M2::<784, 10, 12>::params().weighting(Weighting::Classification(5.0)).seed(1).build()?;
    m2.unlabelled(&unlabelled)?;
    show!("model", m2);
    let epochs = if quick { 150 } else { 1500 };
    let history = m2.watch(|m2| m2.grid(6)).fit(
        &labelled,
        "digit",
        Fit::new().epochs(epochs).batch(50).validation(0.0),
    )?;
    show!("history", history);
    println!("{:.0} s", started.elapsed().as_secs_f64());
    println!("{:.4}", m2.accuracy(&test, "digit")?);
    // --- alone
    let alone = M2::<784, 10, 12>::params().weighting(Weighting::Bound(0.0)).seed(1);
    let few_epochs = if quick { 100 } else { 400 };
    let (alone, _) =
        alone.fit(&labelled, "digit", Fit::new().epochs(few_epochs).batch(50).validation(0.0))?;
    println!("alone {:.4}", alone.accuracy(&test, "digit")?);
    // --- generation
    show!("grid", m2.grid(8)?);
    show!("sevens", m2.generate(7, 30)?);
    let some = test.filter("repeat", 3)?;
    let some = some.select(&[0, 12, 24, 36, 48, 61, 73, 95])?;
    show!("styles", m2.styles(&some, "digit")?);
    let ends = test.filter("digit", 3)?.select(&[0, 55])?;
    let walk = m2.walk(&ends, "digit", 3, 12)?;
    show!("walk", walk);
    // --- the judge
    let judge = M2::<784, 10, 1>::params().weighting(Weighting::Bound(0.0)).hidden([1]).seed(9);
    let (judge, _) =
        judge.fit(&train, "digit", Fit::new().epochs(if quick { 2 } else { 6 }).batch(64))?;
    let generated = m2.generate_all(100)?;
    let read = judge.predict(&generated.mean.values)?;
    let right = read.iter().enumerate().filter(|(i, digit)| **digit as usize == i % 10).count();
    println!(
        "judge {:.4}, generated {:.4}",
        judge.accuracy(&test, "digit")?,
        right as f64 / read.len() as f64
    );
    println!("{:.0} s", started.elapsed().as_secs_f64());
    // --- digit and writer
    let people = data::handwriting().writers(12).repeats(30).images::<28>();
    let mut sdgm =
        Sdgm::<784, 8, 8>::params().label("digit", 10).label("writer", 12).seed(1).build()?;
    let rounds = if quick { 3 } else { 30 };
    let history = sdgm.fit(&people, Fit::new().epochs(rounds).batch(64))?;
    show!("sdgm-history", history);
    show!("sdgm", sdgm);
    println!(
        "digit {:.3}, writer {:.3}",
        sdgm.accuracy(&people, "digit")?,
        sdgm.accuracy(&people, "writer")?
    );
    for writer in [2, 7] {
        let real = people.filter("writer", writer)?.filter("repeat", 0)?;
        let each: Vec<Vec<u32>> = (0..10).map(|digit| vec![digit, writer]).collect();
        let new = sdgm.generate_each(&each, 1)?;
        let beside = display::ImagePairs::new(real.pixels(), new.mean.values.view(), (28, 28))?;
        keep(&format!("writer-{writer}"), beside.mime_bundle())?;
    }
    println!("{:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

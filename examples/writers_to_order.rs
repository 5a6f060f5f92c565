//! New digits in the hands of real people: an SDGM of MNIST's digits and writers, judged by a LeNet-5
//! that has learned the writers from real images alone.
//!
//!     cargo run --release --example writers_to_order -- WRITERS EPOCHS
//!
//! `ELBO_DATA` says where MNIST is. Prints how many images of each kind the judge reads as by the
//! right one of so many people: real ones that it has not seen, and new ones.

use std::env;

use elbo::{
    Classifier, Fit, Result, Sdgm,
    classify::LeNet,
    data::{self, Partition},
};

/// New images of each digit by each writer.
const STYLES: usize = 5;

fn main() -> Result<()> {
    let number = |at: usize, usual: usize| -> usize {
        env::args().nth(at).and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (people, epochs) = (number(1, 20), number(2, 300));
    let mnist = data::mnist_with_writers()?;
    let (images, _) = mnist.train.choose_values("writer", people, 110, 0)?;
    let (train, test) = Partition::by_digits(10.0 / 14.0).split(&images, 0)?;

    let fit = Fit::new().epochs(30).batch(64).validation(0.0);
    let (judge, _) = LeNet::params().seed(9).fit(&train, "writer", fit)?;
    println!("{} images by {people} people; chance is {:.3}", images.len(), 1.0 / people as f64);
    println!("the judge is right on {:.3} of new real images", judge.accuracy(&test)?);

    let params = Sdgm::<784, 8, 8>::params().label("digit", 10).label("writer", people).seed(1);
    let (sdgm, _) = params.fit(&train, Fit::new().epochs(epochs).batch(64).validation(0.0))?;
    let hands = sdgm.classes("writer")?.to_vec();
    let asked: Vec<Vec<u32>> =
        (hands.iter()).flat_map(|&writer| (0..10).map(move |digit| vec![digit, writer])).collect();
    // All that were asked for in one style, then in the next.
    let generated = sdgm.generate_each(&asked, STYLES)?.mean.values;
    let label =
        |at: usize| asked.iter().map(|values| values[at]).collect::<Vec<_>>().repeat(STYLES);
    let new = data::Images::<28, 28>::from_array(generated)?
        .with_label("digit", label(0))?
        .with_label("writer", label(1))?;
    println!("and on {:.3} of {} generated ones", judge.accuracy(&new)?, new.len());
    Ok(())
}

//! What must not compile in a cell, and in which words: sizes stand in the types.

#[path = "common/cells.rs"]
mod cells;
mod common;
#[path = "common/front_end.rs"]
mod front_end;

use cells::{Cells, Failed};

const DIGITS: &str = "let digits = data::handwriting().writers(1).repeats(1).images::<28>();";

#[track_caller]
fn refused(cells: &mut Cells, code: &str) -> Failed {
    cells.run(code).expect_err(code)
}

#[test]
fn sizes_that_do_not_fit_are_refused_by_name() {
    let mut cells = Cells::with_library();
    cells.run(DIGITS).unwrap();
    // Sizes that fit, so that what follows fails for its sizes alone.
    cells
        .run(
            "let mut vae = Vae::<784, 2>::params().hidden([4]).build()?;\n\
             vae.decode(&[[0.0, 1.0]])?;",
        )
        .unwrap();

    let other_images = refused(
        &mut cells,
        "let large = data::handwriting().writers(1).repeats(1).images::<32>();\n\
         vae.fit(&large, Fit::new())?;",
    );
    assert!(
        other_images.traceback.contains(
            "the model's first parameter must be the number of pixels: Vae::<784, Z> for 28×28"
        ),
        "{}",
        other_images.traceback
    );

    let other_width = refused(&mut cells, "vae.decode(&[[0.0, 1.0, 2.0]])?;");
    for words in [
        "`[[{float}; 3]; 1]` does not hold rows of 2 values",
        "rows of 2 values are expected here",
        "rows are Images, arrays and vectors of [f32; 2], or an ndarray Array2<f32>",
    ] {
        assert!(other_width.traceback.contains(words), "{words}: {}", other_width.traceback);
    }

    let no_plane = refused(
        &mut cells,
        "let solid = Vae::<784, 3>::params().hidden([4]).build()?;\n\
         solid.latent_map(&digits, \"digit\")?;",
    );
    for words in ["no method named `latent_map` found", "Vae<784, 3>", "Vae<D, 2>"] {
        assert!(no_plane.traceback.contains(words), "{words}: {}", no_plane.traceback);
    }
    // Nothing is lost by any of them.
    assert!(cells.run("vae.decode(&[[0.0, 1.0]])?;").is_ok());
}

/// Stock evcxr tries this method on the value of every cell. It goes on when the type has none, but
/// not when the compiler knows a trait that could be imported.
#[test]
fn no_trait_is_recommended_for_a_value_without_a_display() {
    let mut cells = Cells::with_library();
    let error = refused(&mut cells, "let x = 1;\n(x + 1).evcxr_display();");
    assert!(
        error.traceback.contains("no method named `evcxr_display` found"),
        "{}",
        error.traceback
    );
    assert!(!error.traceback.contains("trait"), "{}", error.traceback);
}

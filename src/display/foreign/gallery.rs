//! A page of all displays, to be looked at: `cargo test -p elbo gallery -- --ignored --nocapture`.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::STANDARD};
use dfdx::tensor::{Cpu, TensorFromVec};
use image::{Rgb, RgbImage};
use ndarray::{Array1, Array2, Array3, array};
use polars::prelude::{DataFrame, IntoColumn, IntoLazy, NamedFrom, Series, col, df};

use crate::display::{MimeBundle, RichDisplay, text::escape};

/// As a notebook would: the richest form that it knows.
fn shown(bundle: &MimeBundle) -> String {
    let picture = |mime: &str, bytes: &[u8]| {
        format!("<img src=\"data:{mime};base64,{}\">", STANDARD.encode(bytes))
    };
    (bundle.html().map(str::to_owned))
        .or_else(|| bundle.svg().map(|svg| picture("image/svg+xml", svg.as_bytes())))
        .or_else(|| bundle.png().map(|png| picture("image/png", png)))
        .unwrap_or_else(|| format!("<pre>{}</pre>", bundle.text().replace('<', "&lt;")))
}

fn frames() -> Vec<(&'static str, MimeBundle)> {
    let frame = df!(
        "writer" => [Some("Ada <ada@example.org>"), Some("Emmy"), None, Some(&*"long ".repeat(20))],
        "born" => [Some(1815), Some(1882), None, Some(2024)],
        "score" => [Some(0.5), Some(-12.25), Some(f64::NAN), None],
        "tiny" => [1e-9, 2.0, 0.0, 3.5e7],
        "kept" => [true, false, true, true],
    )
    .unwrap();
    let column = |i: i32| {
        let values: Vec<f64> = (0..200).map(|row| f64::from(row * i).sin()).collect();
        Series::new(format!("column {i}").into(), values).into_column()
    };
    let wide = DataFrame::new(200, (0..30).map(column).collect()).unwrap();
    let query =
        frame.clone().lazy().filter(col("born").gt(1850)).select([col("writer"), col("born")]);
    vec![
        ("lazy frame", query.mime_bundle().unwrap()),
        ("data frame", frame.mime_bundle().unwrap()),
        ("wide data frame", wide.mime_bundle().unwrap()),
        ("series", frame.column("score").unwrap().mime_bundle().unwrap()),
        ("error of polars", wide.column("height").mime_bundle().unwrap()),
    ]
}

fn arrays() -> Vec<(&'static str, MimeBundle)> {
    let mut wave = Array2::from_shape_fn((28, 28), |(i, j)| {
        (i as f64 / 4.0).sin() * (j as f64 / 6.0).cos() - 0.01 * i as f64
    });
    let smooth = wave.clone();
    wave.slice_mut(ndarray::s![3..6, 10..14]).fill(f64::NAN);
    let long = Array2::from_shape_fn((5000, 40), |(i, j)| (i * (j + 1)) as f32 / 1e3);
    let tensor = Cpu::default().tensor_from_vec(vec![0.25_f32, 1.0, 2.0, 3.0, 4.0, 5.0], (2, 3));
    vec![
        ("small array", array![[1.0, -0.25], [1e3, f64::NAN]].mime_bundle().unwrap()),
        ("vector", Array1::linspace(0.0, 1.0, 50).mime_bundle().unwrap()),
        ("integers", Array2::from_shape_fn((100, 30), |(i, j)| i * j).mime_bundle().unwrap()),
        ("heat map with NaN", wave.mime_bundle().unwrap()),
        ("heat map", smooth.mime_bundle().unwrap()),
        ("long heat map", long.mime_bundle().unwrap()),
        ("three dimensions", Array3::<f32>::ones((2, 2, 3)).mime_bundle().unwrap()),
        ("tensor", tensor.mime_bundle().unwrap()),
    ]
}

fn others() -> Vec<(&'static str, MimeBundle)> {
    let picture = RgbImage::from_fn(12, 8, |x, y| Rgb([(x * 20) as u8, (y * 30) as u8, 120]));
    let failed: Result<Array1<f64>, crate::Error> = Err(crate::Error::NotFound {
        dataset: "MNIST".to_owned(),
        places: vec!["/home/ada/<data>".to_owned(), "/usr/share/mnist".to_owned()],
        advice: "Put the four files into one of these folders.".to_owned(),
    });
    vec![
        ("picture", picture.mime_bundle().unwrap()),
        ("picture in Some", Some(picture).mime_bundle().unwrap()),
        ("array in Ok", Ok::<_, String>(array![1, 2, 3]).mime_bundle().unwrap()),
        ("error", failed.mime_bundle().unwrap()),
        ("none", None::<Array1<f64>>.mime_bundle().unwrap()),
    ]
}

#[test]
#[ignore = "writes a page to look at"]
fn gallery() {
    let mut body = String::new();
    for (name, bundle) in frames().into_iter().chain(arrays()).chain(others()) {
        write!(body, "<h4>{}</h4>\n{}\n", escape(name), shown(&bundle)).unwrap();
    }
    // Like a notebook's own rules for tables.
    let rules = "body{font:14px sans-serif;margin:24px}table{border-collapse:collapse;\
        font-size:12px}td,th{padding:.4em .6em}tbody tr:nth-child(odd){background:#8881}\
        thead{border-bottom:1px solid #8888}h4{margin:1.2em 0 .4em}";
    for (theme, colours) in
        [("light", "color:#111;background:#fff"), ("dark", "color:#ddd;background:#111")]
    {
        let path = std::env::temp_dir().join(format!("elbo-gallery-{theme}.html"));
        let page = format!(
            "<!doctype html><meta charset=\"utf-8\"><style>{rules}body{{{colours}}}</style>{body}"
        );
        std::fs::write(&path, page).unwrap();
        println!("{}", path.display());
    }
}

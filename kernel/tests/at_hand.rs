//! The crates that cells have at hand without adding them, as their users know them.

mod common;

use common::{outputs, run_cells_with_library, stderr};

/// Runs cells, none of which may fail; returns the text of each cell's value.
fn values(cells: &[&str]) -> Vec<String> {
    let (said, notebook) = run_cells_with_library(cells);
    assert!(said.status.success(), "{}", stderr(&said));
    let value = |cell: usize| {
        let shown = outputs(&notebook, cell).concat();
        let text = shown.split("text/plain=").nth(1).unwrap_or_default();
        text.to_owned()
    };
    (0..cells.len()).map(value).collect()
}

#[test]
fn polars_is_there_as_its_user_guide_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let csv = format!(
        "std::fs::write({:?}, \"d,x,c\\n2024-01-02,1.5,a\\n2024-02-03,2.5,b\\n\")?;",
        path("a.csv")
    );
    let eager = format!(
        "CsvReadOptions::default().with_has_header(true)\n\
         .with_parse_options(CsvParseOptions::default().with_try_parse_dates(true))\n\
         .try_into_reader_with_file_path(Some({:?}.into()))?.finish()?.dtypes()",
        path("a.csv")
    );
    let lazy = format!(
        "LazyCsvReader::new(PlRefPath::new({:?})).with_try_parse_dates(true).finish()?\n\
         .with_column(col(\"d\").dt().month().alias(\"m\")).collect()?.column(\"m\")?.get(1)?.to_string()",
        path("a.csv").display().to_string()
    );
    let parquet = format!(
        "let file = {:?};\n\
         ParquetWriter::new(std::fs::File::create(file)?).finish(&mut df.clone())?;\n\
         LazyFrame::scan_parquet(PlRefPath::new(file), Default::default())?\n\
         .filter(col(\"v\").gt(lit(1.5))).collect()?.height()",
        path("a.parquet").display().to_string()
    );
    let shown = values(&[
        "use polars::prelude::*;",
        "let df = df![\"g\" => [\"a\", \"b\", \"a\", \"b\"], \"k\" => [\"x\", \"x\", \"y\", \"y\"],\n\
         \"v\" => [1.0, 2.0, 3.0, 4.0]]?;",
        &csv,
        &eager,
        &lazy,
        &parquet,
        "let mut bytes = Vec::new();\n\
         JsonWriter::new(&mut bytes).with_json_format(JsonFormat::Json).finish(&mut df.clone())?;\n\
         JsonReader::new(std::io::Cursor::new(bytes)).finish()?.shape()",
        "df.clone().lazy().group_by([col(\"g\")]).agg([col(\"v\").mean()])\n\
         .sort([\"g\"], Default::default()).collect()?.column(\"v\")?.f64()?.to_vec()",
        "df.left_join(&df![\"g\" => [\"a\"], \"w\" => [10]]?, [\"g\"], [\"g\"])?.column(\"w\")?.null_count()",
        "df.clone().lazy().with_column(col(\"g\").str().to_uppercase()).collect()?\n\
         .column(\"g\")?.str()?.get(0).map(str::to_owned)",
        "df.clone().lazy().with_column(col(\"g\").cast(DataType::from_categories(Categories::global())))\n\
         .collect()?.dtypes()",
        "let window = RollingOptionsFixedWindow { window_size: 2, min_periods: 1, ..Default::default() };\n\
         df.clone().lazy().select([col(\"v\").rolling_mean(window)]).collect()?.column(\"v\")?.f64()?.to_vec()",
        "df.clone().lazy().pivot(by_name([\"k\"], true, false), std::sync::Arc::new(df![\"k\" => [\"x\", \"y\"]]?),\n\
         by_name([\"g\"], true, false), by_name([\"v\"], true, false), Expr::Element.first(), true, \"_\".into(),\n\
         Default::default()).collect()?.column(\"y\")?.f64()?.to_vec()",
        "df![\"d\" => [\"2024-01-15 10:30:00\"]]?.lazy()\n\
         .with_column(col(\"d\").str().to_datetime(None, None, StrptimeOptions::default(), lit(\"raise\")))\n\
         .select([col(\"d\").dt().hour().alias(\"h\")]).collect()?.column(\"h\")?.get(0)?.to_string()",
        "df.select([\"v\"])?.to_ndarray::<Float64Type>(IndexOrder::Fortran)?.sum()",
    ]);
    let expected = [
        "",
        "",
        "",
        "[Date, Float64, String]",
        "\"2\"",
        "3",
        "(4, 3)",
        "[Some(2.0), Some(3.0)]",
        "2",
        "Some(\"A\")",
        "[Categorical, String, Float64]",
        "[Some(1.0), Some(1.5), Some(2.5), Some(3.5)]",
        "[Some(3.0), Some(4.0)]",
        "\"10\"",
        "10.0",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn plotters_draws_into_the_notebook_and_into_files() {
    let folder = tempfile::tempdir().unwrap();
    let chart = "let mut chart = ChartBuilder::on(&root).caption(\"y = x²\", (\"sans-serif\", 24)).margin(5)\n\
                 .x_label_area_size(30).y_label_area_size(30).build_cartesian_2d(-1f32..1f32, 0f32..1f32)?;\n\
                 chart.configure_mesh().draw()?;\n\
                 chart.draw_series(LineSeries::new((-50..=50).map(|x| x as f32 / 50.0).map(|x| (x, x * x)), &RED))?;";
    let svg = format!("evcxr_figure((320, 200), |root| {{ {chart} Ok(()) }})");
    let bitmap = format!(
        "plotters::evcxr::evcxr_bitmap_figure((320, 200), |root| {{ root.fill(&WHITE)?; {chart} Ok(()) }})"
    );
    let file = folder.path().join("p.png");
    let png = format!(
        "{{ let root = BitMapBackend::new({file:?}, (320, 200)).into_drawing_area(); root.fill(&WHITE)?; \
         {chart} root.present()?; }};\nlet picture = image::open({file:?})?.to_rgb8();\n\
         let dark = |rows: std::ops::Range<u32>| rows.flat_map(|y| (0..320).map(move |x| (x, y)))\n\
         .filter(|(x, y)| picture.get_pixel(*x, *y).0.iter().all(|c| *c < 128)).count();\n\
         // The caption is drawn: letters need a font.\n\
         dark(5..28) > 50"
    );
    let (said, notebook) =
        run_cells_with_library(&["use plotters::prelude::*;", &svg, &bitmap, &png]);
    assert!(said.status.success(), "{}", stderr(&said));
    let shown = |cell| outputs(&notebook, cell).concat();
    assert!(
        shown(1).starts_with("display: text/html=") && shown(1).contains("<svg"),
        "{}",
        shown(1)
    );
    assert!(shown(1).contains("y = x²"));
    assert!(
        shown(2).contains("<image") && shown(2).contains("png;base64,iVBOR"),
        "{:.200}",
        shown(2)
    );
    assert_eq!(shown(3), "display: text/plain=true");
    for cell in [1, 2] {
        assert_eq!(notebook["cells"][cell]["outputs"][0]["output_type"], "execute_result");
    }
}

#[test]
fn serde_image_dfdx_rand_and_tokio_need_no_dep() {
    let shown = values(&[
        "use serde::{Deserialize, Serialize};\n\
         #[derive(Debug, PartialEq, Serialize, Deserialize)] struct Point { x: i32 }",
        "let text = serde_json::to_string(&Point { x: 1 })?;\n\
         (serde_json::from_str::<Point>(&text)?, text)",
        "use image::GrayImage;\nGrayImage::from_pixel(3, 2, image::Luma([7])).dimensions()",
        "use dfdx::prelude::*;\nlet dev: Cpu = Default::default();\n\
         let t: Tensor<Rank1<3>, f32, _> = dev.ones();\nt.sum::<Rank0, _>().array()",
        "use rand::{RngExt, SeedableRng};\n\
         let mut rng = rand::rngs::StdRng::seed_from_u64(1);\nrng.random_range(5..6)",
        "use rand_distr::Distribution;\nrand_distr::Normal::new(3.0, 0.0)?.sample(&mut rng)",
        "use tokio::io::{AsyncReadExt, AsyncWriteExt};\n\
         let listener = tokio::net::TcpListener::bind(\"127.0.0.1:0\").await?;\n\
         let address = listener.local_addr()?;\n\
         let server = tokio::spawn(async move {\n\
             let (mut peer, _) = listener.accept().await?;\n\
             peer.write_all(b\"hello\").await\n\
         });\n\
         let mut stream = tokio::net::TcpStream::connect(address).await?;\n\
         let mut text = String::new();\n\
         stream.read_to_string(&mut text).await?;\n\
         server.await??;\n\
         text",
        "chrono::NaiveDate::from_ymd_opt(2024, 2, 29).map(|day| day.to_string())",
    ]);
    let expected = [
        "",
        "(Point { x: 1 }, \"{\\\"x\\\":1}\")",
        "(3, 2)",
        "3.0",
        "5",
        "3.0",
        "\"hello\"",
        "Some(\"2024-02-29\")",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn a_display_by_another_crates_trait_is_the_value_of_its_cell() {
    let (said, notebook) = run_cells_with_library(&[
        "trait ImageDisplay { fn evcxr_display(&self); }\nstruct Picture;\n\
         impl ImageDisplay for Picture {\n\
             fn evcxr_display(&self) {\n\
                 println!(\"EVCXR_BEGIN_CONTENT text/html\\n<b>x</b>\\nEVCXR_END_CONTENT\");\n\
             }\n\
         }",
        "Picture",
    ]);
    assert!(said.status.success(), "{}", stderr(&said));
    assert_eq!(outputs(&notebook, 1), ["display: text/html=<b>x</b>"]);
    assert_eq!(notebook["cells"][1]["outputs"][0]["output_type"], "execute_result");
}

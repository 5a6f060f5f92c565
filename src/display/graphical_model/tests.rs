use super::*;

/// The variables and arrows of the survival VAE of the lecture.
fn survival() -> Result<GraphicalModel> {
    GraphicalModel::new("Survival")
        .latent("z", (1.0, 0.0))
        .observed("x", (0.0, 1.0))
        .observed("t", (1.0, 1.6))
        .observed("y", (2.0, 1.0))
        .depends("x", &["z"])?
        .depends("t", &["x"])?
        .depends("y", &["t", "z"])?
        .infers("z", &["x", "y"])?
        .plate("patients <1,712>", &["z", "x", "t", "y"])
}

#[test]
fn the_text_is_the_joint_distribution() {
    let text = survival().unwrap().mime_bundle().unwrap().text().to_owned();
    assert_eq!(text, "Survival: p(z) p(x|z) p(t|x) p(y|t, z), inference q(z|x, y)");
    let parameters = GraphicalModel::new("")
        .parameter("θ", (0.0, 0.0))
        .ellipsis("before", (0.0, 1.0))
        .observed("x", (1.0, 0.0))
        .depends("x", &["θ", "before"])
        .unwrap();
    assert_eq!(parameters.mime_bundle().unwrap().text(), "p(x)");
    let empty = GraphicalModel::new("Nothing").mime_bundle().unwrap();
    assert_eq!((empty.text(), empty.svg()), ("Nothing: no variables", None));
}

#[test]
fn the_drawing_has_every_name_and_escapes_them() {
    let bundle = survival().unwrap().mime_bundle().unwrap();
    let svg = bundle.svg().unwrap();
    for name in [">z<", ">x<", ">t<", ">y<", "patients &lt;1,712&gt;", "dashed: inference"] {
        assert!(svg.contains(name), "{name}: {svg}");
    }
    let subscripts = GraphicalModel::new("").latent("z_{t+1}", (0.0, 0.0));
    let bundle = subscripts.mime_bundle().unwrap();
    let svg = bundle.svg().unwrap();
    assert!(svg.contains(">z<") && svg.contains(">t+1<"), "{svg}");
}

#[test]
fn a_variable_that_is_not_there_is_named() {
    let graph = GraphicalModel::new("").latent("z", (0.0, 0.0));
    for error in [
        graph.clone().depends("x", &["z"]),
        graph.clone().infers("z", &["x"]),
        graph.plate("n", &["z", "x"]),
    ] {
        let text = error.unwrap_err().to_string();
        assert!(text.contains("x, but") && text.contains("[\"z\"]"), "{text}");
    }
}

use super::*;

const HOSTILE: &str = "<script>alert(\"1\")</script>&'";

fn notebook(cells: serde_json::Value) -> Notebook {
    let json =
        serde_json::json!({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5});
    serde_json::from_value(json).unwrap()
}

fn code_cell(source: &str, outputs: serde_json::Value) -> serde_json::Value {
    serde_json::json!([{"cell_type": "code", "id": "a", "metadata": {}, "execution_count": 1,
        "source": source, "outputs": outputs}])
}

#[test]
fn text_from_data_and_code_never_becomes_markup() {
    let outputs = serde_json::json!([
        {"output_type": "stream", "name": "stdout", "text": HOSTILE},
        {"output_type": "stream", "name": "stderr", "text": HOSTILE},
        {"output_type": "display_data", "metadata": {}, "data": {"text/plain": HOSTILE}},
        {"output_type": "display_data", "metadata": {},
         "data": {"text/plain": HOSTILE, "image/png": HOSTILE}},
        {"output_type": "display_data", "metadata": {},
         "data": {"text/plain": HOSTILE, "image/svg+xml": "<svg></svg>"}},
        {"output_type": "display_data", "metadata": {}, "data": {"text/latex": HOSTILE}},
        {"output_type": "display_data", "metadata": {},
         "data": {"text/latex": format!("{HOSTILE} $\\odd{{{HOSTILE}$")}},
        {"output_type": "display_data", "metadata": {},
         "data": {"application/json": {HOSTILE: [HOSTILE]}}},
        {"output_type": "display_data", "metadata": {},
         "data": {"text/plain": HOSTILE, "application/vnd.vegalite.v5+json": {"title": HOSTILE}}},
        {"output_type": "display_data", "metadata": {"image/jpeg": {"width": HOSTILE}},
         "data": {"image/jpeg": HOSTILE, "image/<script>": HOSTILE}},
        {"output_type": "display_data", "metadata": {}, "data": {"text/x-odd": HOSTILE}},
        {"output_type": "error", "ename": HOSTILE, "evalue": HOSTILE, "traceback": []},
        {"output_type": "error", "ename": "", "evalue": "", "traceback": [HOSTILE]}
    ]);
    let page = render(&notebook(code_cell(HOSTILE, outputs)), HOSTILE);
    assert!(!page.contains("<script"), "{page}");
    assert!(!page.contains("alert(\"1\")"), "{page}");
    assert!(page.contains("&lt;script&gt;"));
    let markdown = format!("{HOSTILE}\n\nword {HOSTILE}");
    let page = shown(serde_json::json!({"text/markdown": markdown}), serde_json::json!({}));
    assert!(!page.contains("<script") && page.contains("word &lt;script&gt;"), "{page}");
}

#[test]
fn terminal_colours_become_spans_and_rich_forms_are_preferred() {
    let outputs = serde_json::json!([
        {"output_type": "stream", "name": "stdout", "text": "\u{1b}[31mred\u{1b}[0m"},
        {"output_type": "display_data", "metadata": {},
         "data": {"text/plain": "plain form", "text/html": "<b>rich form</b>"}},
        {"output_type": "display_data", "metadata": {},
         "data": {"text/plain": "a curve", "image/svg+xml": "<?xml version=\"1.0\"?>\n<svg>x</svg>",
                  "image/png": "AAAA"}}
    ]);
    let page = render(&notebook(code_cell("1", outputs)), "t");
    assert!(page.contains("<span style='color:var(--red"), "{page}");
    assert!(page.contains("<b>rich form</b>") && !page.contains("plain form"));
    assert!(page.contains("aria-label=\"a curve\"><svg>x</svg>") && !page.contains("AAAA"));
}

/// The page of a cell with one display.
fn shown(data: serde_json::Value, metadata: serde_json::Value) -> String {
    let outputs = serde_json::json!([
        {"output_type": "execute_result", "execution_count": 1, "metadata": metadata, "data": data}
    ]);
    let page = render(&notebook(code_cell("1", outputs)), "t");
    let (_, output) = page.split_once("</div>\n").unwrap();
    output.split("</section>").next().unwrap().to_owned()
}

#[test]
fn markdown_and_latex_that_a_cell_shows_are_set() {
    let none = serde_json::json!({});
    let text = "# Fit of $x$\n\n| a |\n|-|\n| 1 |\n\nH<sub>2</sub>O <img src=x>\n\n\
                [a](javascript:alert) [b](https://b.c) [d](e/f:g)";
    let data = serde_json::json!({"text/plain": "source", "text/markdown": text});
    let page = shown(data, none.clone());
    assert!(page.contains("<h1>Fit of <math") && page.contains("<td>1</td>"), "{page}");
    assert!(
        page.contains("H<sub>2</sub>O &lt;img src=x&gt;") && !page.contains("source"),
        "{page}"
    );
    for link in ["<a href=\"\">a", "<a href=\"https://b.c\">b", "<a href=\"e/f:g\">d"] {
        assert!(page.contains(link), "{link} in {page}");
    }

    let latex = |source: &str| shown(serde_json::json!({"text/latex": source}), none.clone());
    for source in ["$$x^2$$", "x^2", "\\[x^2\\]", "\\begin{matrix}x\\end{matrix}"] {
        let page = latex(source);
        assert!(page.contains("<math display=\"block\">"), "{source}: {page}");
        assert!(!page.contains('$') && !page.contains("\\["), "{source}: {page}");
    }
    let page = latex("Let $x < 1$ & $$y$$ so");
    assert!(
        page.contains("Let <math>") || page.contains("Let <math display=\"inline\">"),
        "{page}"
    );
    assert!(page.contains("</math> &amp; <span class=\"formula\">"), "{page}");
    assert!(page.contains("</span> so</div>"), "{page}");
}

#[test]
fn json_charts_and_photographs_are_shown_and_nothing_vanishes() {
    let none = serde_json::json!({});
    let rows: Vec<_> = (0..60).collect();
    let data = serde_json::json!({"text/plain": "plain", "application/json": {"rows": rows}});
    let page = shown(data, none.clone());
    assert!(page.contains("&quot;rows&quot;: [\n    0,\n    1,"), "{page}");
    assert!(page.contains("more lines</summary>") && !page.contains("plain"), "{page}");

    for mime in ["vegalite.v5", "vegalite.v9", "vega.v5", "plotly.v1"] {
        let chart = format!("application/vnd.{mime}+json");
        let data = serde_json::json!({"text/plain": "a chart: bar", chart: {"mark": "bar"}});
        let page = shown(data, none.clone());
        assert!(page.contains(">a chart: bar</pre>"), "{page}");
        assert!(page.contains("<summary>Specification</summary>"), "{page}");
        assert!(page.contains("&quot;mark&quot;: &quot;bar&quot;"), "{page}");
    }

    let size = serde_json::json!({"image/jpeg": {"width": 300, "height": "odd"}});
    let page = shown(serde_json::json!({"image/jpeg": "/9g=\n", "text/plain": "a face"}), size);
    let image = "<img src=\"data:image/jpeg;base64,/9g=\" alt=\"a face\" width=\"300\">";
    assert!(page.contains(image), "{page}");
    let page = shown(serde_json::json!({"image/webp": "UklG"}), none.clone());
    assert!(page.contains("<img src=\"data:image/webp;base64,UklG\""), "{page}");

    let odd = serde_json::json!({"application/x-odd": "1 < 2", "text/plain": "plain"});
    assert!(shown(odd, none.clone()).contains(">plain</pre>"));
    let odd = serde_json::json!({"application/x-odd": "1 < 2"});
    assert!(shown(odd, none.clone()).contains(">1 &lt; 2</pre>"));
    assert!(shown(serde_json::json!({"application/vnd.x+json": [1]}), none).contains("1"));
}

#[test]
fn markdown_keeps_tables_formulas_listings_and_the_authors_own_html() {
    let source = "# The $\\beta$ *title*\n\n|a|b|\n|-|-|\n|1|2|\n\n$$\\int_0^1 x^2\\,dx$$\n\n\
                  ```rust\nlet a = 1 < 2;\n```\n\n<details>more</details>\n\nbad: $\\frac{$";
    let cells =
        serde_json::json!([{"cell_type": "markdown", "id": "a", "metadata": {}, "source": source}]);
    let page = render(&notebook(cells), "fallback");
    assert!(page.contains("<title>The \\beta title</title>"), "{page}");
    assert!(page.contains("<td>1</td>") && page.contains("<details>more</details>"));
    assert!(page.contains("<math display=\"block\">"));
    assert!(page.contains("hl-rust") && page.contains("&lt;"));
}

#[test]
fn formulas_keep_their_numbers_and_spaces() {
    let cells = serde_json::json!([{"cell_type": "markdown", "id": "a", "metadata": {},
        "source": "$$x;\\ y \\tag{3, 4}$$"}]);
    let page = render(&notebook(cells), "t");
    assert!(page.contains("<span class=\"tag\">(3, 4)</span>"), "{page}");
    assert!(page.contains('\u{a0}') && !page.contains("&amp;nbsp;"), "{page}");
}

#[test]
fn nothing_is_fetched_from_elsewhere() {
    let page = render(&notebook(serde_json::json!([])), "empty");
    for fetch in ["src=\"http", "href=\"http", "url(http", "@import"] {
        assert!(!page.contains(fetch), "{fetch}");
    }
}

#[test]
fn a_failed_cell_is_announced_at_the_top_unless_it_may_fail() {
    let error = serde_json::json!([{"output_type": "error", "ename": HOSTILE, "evalue": "no",
        "traceback": ["panicked: no"]}]);
    let mut notebook = notebook(code_cell("v[3]", error));
    let page = render(&notebook, "t");
    assert!(page.contains("<a href=\"#cell-1\">Cell 1</a> failed (&lt;script&gt;"), "{page}");
    assert!(page.contains("<section class=\"cell\" id=\"cell-1\">"), "{page}");
    assert!(page.contains("role=\"alert\">panicked: no</pre>"), "{page}");

    let Cell::Code { metadata, .. } = &mut notebook.cells[0] else { panic!("no code") };
    metadata.tags = Some(vec![MAY_FAIL.to_owned()]);
    assert!(!render(&notebook, "t").contains("class=\"notice\""));
}

#[test]
fn the_contents_follow_the_title_and_lead_to_the_headings() {
    let text = |id: &str, source: &str| serde_json::json!({"cell_type": "markdown", "id": id, "metadata": {}, "source": source});
    let cells = serde_json::json!([
        text("a", "# Title\n\nintroduction"),
        text("b", "## One $x$\n\n## [Two](https://x.y) & `<i>`\n\n### Three"),
        text("c", "## One $x$")
    ]);
    let page = render(&notebook(cells), "t");
    let (before, after) = page.split_once("<nav class=\"contents\"").unwrap();
    assert!(before.contains("introduction") && !before.contains("Three"), "{before}");
    for link in ["#One-x", "#One-x-2", "#Two-&amp;-&lt;i&gt;", "#Three"] {
        assert_eq!(after.matches(&format!("href=\"{link}\"")).count(), 2, "{link} in {after}");
        let id = format!("id=\"{}\"", &link[1..]);
        assert_eq!(after.matches(&id).count(), 1, "{id} in {after}");
    }
    let list = after.split("</nav>").next().unwrap();
    assert!(list.contains("<math") && list.contains("Two &amp; <code>&lt;i&gt;</code>"), "{list}");
    assert!(!list.contains("https://x.y"), "a link within a link: {list}");
}

#[test]
fn code_can_be_hidden_without_a_script_and_a_page_without_code_has_no_switch() {
    let page = render(&notebook(code_cell("let a = 1;", serde_json::json!([]))), "t");
    assert!(page.contains("id=\"show-code\" checked") && !page.contains("<script"), "{page}");
    assert!(page.contains("class=\"cell silent\""), "{page}");
    assert!(!render(&notebook(serde_json::json!([])), "t").contains("id=\"show-code\""));
}

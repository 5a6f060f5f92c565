use ndarray::array;

use super::*;

fn text(bundle: Option<MimeBundle>) -> String {
    bundle.unwrap().text().to_owned()
}

/// A type with a display of its own, as evcxr wants it.
#[derive(Debug)]
struct Own(std::cell::Cell<u32>);

impl Own {
    fn evcxr_display(&self) {
        self.0.set(self.0.get() + 1);
    }
}

/// A type with both kinds of display.
struct Both;

impl Both {
    #[allow(dead_code, reason = "that it is not called is the point")]
    fn evcxr_display(&self) {
        panic!("the bundle comes first");
    }
}

impl RichDisplay for Both {
    fn mime_bundle(&self) -> crate::Result<MimeBundle> {
        Ok(MimeBundle::new("both"))
    }
}

#[test]
fn a_rich_display_comes_first_also_behind_references() {
    let array = array![1, 2];
    let want = array.mime_bundle().ok();
    assert!(want.is_some());
    assert_eq!(value_bundle!(array), want);
    assert_eq!(value_bundle!(&&array), want);
    assert_eq!(value_bundle!(Rc::new(Box::new(array.clone()))), want);
    assert_eq!(value_bundle!(&array as &dyn RichDisplay), want);
    assert_eq!(text(value_bundle!(Both)), "both");
    assert_eq!(text(value_bundle!(Some(Both))), "Some\nboth");
    assert_eq!(array.len(), 2, "it was only borrowed");
}

#[test]
fn a_method_of_the_type_comes_before_debug_and_shows_by_itself() {
    let own = Own(0.into());
    assert_eq!(value_bundle!(own), None);
    assert_eq!(value_bundle!(&own), None);
    assert_eq!(value_bundle!(&&own), None);
    let boxed = Box::new(own);
    assert_eq!(value_bundle!(boxed), None);
    assert_eq!(boxed.0.get(), 4);
    // Inside something else there is only the text of all of it.
    assert_eq!(text(value_bundle!(Some(boxed))), "Some(Own(Cell { value: 4 }))");
}

#[test]
fn everything_else_has_its_debug_text() {
    assert_eq!(text(value_bundle!(7)), "7");
    assert_eq!(text(value_bundle!(1.5 + 2.0)), "3.5");
    assert_eq!(text(value_bundle!("a \"b\"")), r#""a \"b\"""#);
    assert_eq!(text(value_bundle!(String::from("σ"))), "\"σ\"");
    assert_eq!(text(value_bundle!(*"place")), "\"place\"");
    let numbers = [1_u8, 2, 3];
    assert_eq!(text(value_bundle!(numbers[1..])), "[2, 3]");
    assert_eq!(text(value_bundle!(numbers.iter().map(|n| n * 2).collect::<Vec<_>>())), "[2, 4, 6]");
    assert_eq!(text(value_bundle!((1, Some(2.0), ["x"]))), "(1, Some(2.0), [\"x\"])");
    assert_eq!(numbers.len(), 3);
}

#[test]
fn nothing_is_shown_for_nothing() {
    assert_eq!(value_bundle!(()), None);
    assert_eq!(value_bundle!(drop(String::new())), None);
    assert_eq!(value_bundle!({}), None);
}

#[test]
fn long_debug_texts_take_many_lines_and_very_long_ones_lose_their_middle() {
    assert_eq!(text(value_bundle!("x".repeat(77))), format!("{:?}", "x".repeat(77)));
    let words = vec!["x".repeat(40), "y".repeat(40)];
    assert_eq!(text(value_bundle!(words)), format!("{words:#?}"));
    let many: std::collections::BTreeMap<_, _> = (0..5000).map(|n| (n, n)).collect();
    let said = text(value_bundle!(many));
    let lines: Vec<&str> = said.lines().collect();
    // 5,000 entries between two brackets are 5,002 lines.
    assert_eq!((lines.len(), lines[500]), (1001, "… 4,002 lines left out …"));
    assert_eq!(
        (lines[0], lines[499], lines[501], lines[1000]),
        ("{", "    498: 498,", "    4501: 4501,", "}")
    );
}

#[test]
fn only_the_values_of_a_list_that_are_shown_are_asked_for_their_text() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    #[derive(Clone, Copy)]
    struct Counted;
    impl Debug for Counted {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            ASKED.fetch_add(1, Ordering::Relaxed);
            f.write_str("here")
        }
    }
    let many = vec![Counted; 10_000_000];
    for said in [text(value_bundle!(many)), text(value_bundle!(many[..]))] {
        let note = "    … 9,999,000 values left out …\n";
        let (first, last) = said.split_once(note).unwrap();
        assert_eq!((first.matches("here").count(), last.matches("here").count()), (500, 500));
        assert!(first.lines().count() < 40, "{first}");
    }
    // 1,000 that are shown, and some for the attempt with a single line.
    assert!(ASKED.load(Ordering::Relaxed) < 2 * 1100, "{ASKED:?}");
    let array = [1.5; 40];
    assert_eq!(text(value_bundle!(array)).lines().count(), 5);
}

#[test]
fn a_type_without_debug_is_named() {
    struct Silent;
    let said = text(value_bundle!(Silent));
    assert!(said.ends_with("Silent has no Debug; derive it to see the value here"), "{said}");
    let add = |a: i32| a + 1;
    assert!(text(value_bundle!(add)).contains("has no Debug"));
    assert_eq!(add(1), 2);
}

#[test]
fn an_error_shows_its_message_whatever_the_value_would_have_been() {
    let number: Result<i32, std::num::ParseIntError> = "seven".parse();
    assert_eq!(text(value_bundle!(number)), "Err: invalid digit found in string");
    assert!(value_bundle!(number).unwrap().html().is_some());
    assert_eq!(text(value_bundle!("7".parse::<i32>())), "Ok(7)");
    // Without a message there is only the debug text.
    assert_eq!(text(value_bundle!(Err::<i32, _>(Some("no")))), "Err(Some(\"no\"))");
}

#[test]
fn a_failed_display_is_a_note_and_a_failing_debug_too() {
    struct Broken;
    impl RichDisplay for Broken {
        fn mime_bundle(&self) -> crate::Result<MimeBundle> {
            Err(crate::Error::drawing("no ink"))
        }
    }
    let said = text(value_bundle!(Broken));
    assert_eq!(said, "(no display: the picture could not be drawn: no ink)");
    struct Mute;
    impl Debug for Mute {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }
    assert_eq!(text(value_bundle!(Mute)), "(no display: Debug failed)");
}

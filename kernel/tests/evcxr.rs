//! What the tests of evcxr ask of evcxr, asked of this kernel over real sockets, with the model
//! library loaded. Where the kernel is to behave in another way, a test says in which.

#[path = "common/cells.rs"]
mod cells;
mod common;
#[path = "common/front_end.rs"]
mod front_end;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use cells::Cells;
use jupyter_protocol::IsCompleteReplyStatus;

/// Names and types as `:vars` lists them.
fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect()
}

/// Writes a small crate and returns its folder.
fn write_crate(parent: &Path, name: &str, source: &str) -> String {
    let folder = parent.join(name);
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest =
        format!("[package]\nname = \"{name}\"\nversion = \"0.3.1\"\nedition = \"2021\"\n");
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/lib.rs"), source).unwrap();
    folder.to_str().unwrap().to_owned()
}

// Variables.

#[test]
fn variables_stay_from_cell_to_cell_and_only_mutable_ones_change() {
    let mut cells = Cells::with_library();
    cells.quietly(&["assert!(7 * 6 == 42)", "let mut weight = 70; let height = 5;"]);
    cells.quietly(&["weight += height;"]);
    assert_eq!(cells.value("weight"), "75");
    assert_eq!(cells.value("weight - height"), "70");
    let failed = cells.fails("CompileError", "height = 6;");
    failed.tells(&["`height`", "not declared as mutable"]);
    assert_eq!(cells.variables(), pairs(&[("height", "i32"), ("weight", "i32")]));
    // A cell that only prints, then the first variable of another kind.
    assert_eq!(cells.prints("println!(\"{weight}\");"), "75\n");
    assert_eq!(cells.value(r#"let name = "ada".to_owned() + "!"; name"#), "\"ada!\"");
    assert_eq!(cells.value("name.len()"), "4");
}

#[test]
fn a_variable_that_is_moved_is_gone() {
    let mut cells = Cells::with_library();
    cells.quietly(&[r#"let letter = Some(String::from("dear")); let other = String::from("x");"#]);
    assert_eq!(cells.variables(), pairs(&[("letter", "Option<String>"), ("other", "String")]));
    // Shown, it is only borrowed.
    assert_eq!(cells.value("letter"), "Some(\"dear\")");
    assert_eq!(cells.value("letter"), "Some(\"dear\")");
    assert_eq!(cells.value("letter.unwrap()"), "\"dear\"");
    assert_eq!(cells.variables(), pairs(&[("other", "String")]));
    cells.fails("CompileError", "letter").tells(&["cannot find value `letter`"]);
    // Moved into a variable, into a function, into a thread.
    cells.quietly(&["let renamed = other;", "drop(renamed);"]);
    assert_eq!(cells.variables(), []);
    cells.quietly(&["let list = vec![1, 2, 3];"]);
    let sum = "std::thread::spawn(move || list.iter().sum::<i32>()).join().unwrap()";
    assert_eq!(cells.value(sum), "6");
    assert_eq!(cells.variables(), []);
    let twice = cells.fails("CompileError", "let a = vec![1];\ndrop(a);\ndrop(a);");
    twice.tells(&["E0382", "drop(a)"]);
}

#[test]
fn a_variable_can_be_defined_again_with_another_type() {
    let mut cells = Cells::with_library();
    cells.quietly(&["let thing = 1_u8;", "let thing = thing.to_string();"]);
    assert_eq!(cells.value("thing"), "\"1\"");
    cells.quietly(&["let thing: Vec<String> = vec![thing];"]);
    assert_eq!(cells.variables(), pairs(&[("thing", "Vec<String>")]));
    // Several times in one cell: the last one stays.
    cells.quietly(&[
        "let thing = thing.len(); let thing = thing as f64 / 2.0; let mut thing = [thing; 2];",
    ]);
    cells.quietly(&["thing[1] = 4.0;"]);
    assert_eq!(cells.value("thing"), "[0.5, 4.0]");
    assert_eq!(cells.value(":type thing"), "thing: [f64; 2]");
    // One that a block defines is another one.
    cells.quietly(&["{ let thing = 'x'; assert_eq!(thing, 'x'); }"]);
    assert_eq!(cells.value("thing[0]"), "0.5");
}

#[test]
fn references_live_to_the_end_of_their_cell() {
    let mut cells = Cells::with_library();
    cells.quietly(&[r#"let text = String::from("alpha beta"); let list = vec![3, 1, 2];"#]);
    let shown = r#"let first = text.split(' ').next().unwrap();
let part = &list[1..];
format!("{first} {}", part.len())"#;
    assert_eq!(cells.value(shown), "\"alpha 2\"");
    let failed = cells.fails("CompileError", "first");
    failed.tells(&["cannot find value `first`", "in its own cell only", "&str"]);
    // What they refer to is still there, and what lives for ever can be kept.
    assert_eq!(cells.value("text.len() + list.len()"), "13");
    cells.quietly(&[r#"let word: &'static str = "for ever"; let two = &[1, 2];"#]);
    assert_eq!(cells.value("word.len() + two.len()"), "10");
    cells.quietly(&["let mut list = list;", "{ let last = list.last_mut().unwrap(); *last = 9; }"]);
    assert_eq!(cells.value("&list[1..3]"), "[1, 9]");
}

#[test]
fn shared_cells_of_memory_stay_shared() {
    let mut cells = Cells::with_library();
    cells.quietly(&[
        r"use std::cell::{Cell, RefCell}; use std::rc::{Rc, Weak};
let diary: Rc<RefCell<Vec<&str>>> = Rc::new(RefCell::new(Vec::new()));
let same: Rc<RefCell<Vec<&str>>> = Rc::clone(&diary);",
        r#"same.borrow_mut().push("monday");
let day = "tuesday"; let weak = Rc::downgrade(&diary);"#,
        "diary.borrow_mut().push(day);",
    ]);
    assert_eq!(cells.value("same.borrow().join(\" \")"), "\"monday tuesday\"");
    assert_eq!(cells.value("Rc::strong_count(&same)"), "2");
    cells.quietly(&["drop(same); drop(diary);"]);
    assert_eq!(cells.value("weak.upgrade().is_none()"), "true");
}

#[test]
fn the_types_of_variables_are_found_out() {
    let mut cells = Cells::with_library();
    cells.quietly(&[
        r"let pair = (7, 2.5); let row = [1_u8; 3];
let found: Vec<_> = (1..4).collect(); let odd = found.iter().copied().filter(|n| n % 2 == 1).collect::<Vec<i32>>();",
        r#"use std::collections::{BTreeMap, HashMap};
let counted: BTreeMap<_, Vec<_>> = BTreeMap::from([("a", vec![Some(1.5_f32)])]);
let nested = vec![vec![(1_u64, String::new())]];"#,
        r"let shape: Box<dyn Fn(f64) -> f64> = Box::new(|x| x * 2.0); let called: fn(i32) -> i32 = i32::abs;
let word: Box<dyn std::fmt::Debug + Send> = Box::new('c');
let lazy: Box<dyn Iterator<Item = u32>> = Box::new((0..).map(|n| n * n));",
        r#"let outcome = "12".parse::<i64>(); let text = outcome.clone().map_err(|why| why.to_string());
let slice = "abc".as_bytes(); let unit = ();"#,
    ]);
    for (name, kind) in [
        ("pair", "(i32, f64)"),
        ("row", "[u8; 3]"),
        ("found", "Vec<i32>"),
        ("odd", "Vec<i32>"),
        ("counted", "BTreeMap<&str, Vec<Option<f32>>>"),
        ("nested", "Vec<Vec<(u64, String)>>"),
        ("called", "fn(i32) -> i32"),
        ("text", "Result<i64, String>"),
        ("unit", "()"),
    ] {
        assert_eq!(cells.value(&format!(":type {name}")), format!("{name}: {kind}"));
    }
    let used = r#"format!("{} {:?} {:?} {} {}", shape(1.5), word, lazy.skip(2).next(), called(-3), slice.len())"#;
    assert_eq!(cells.value(used), "\"3 'c' Some(4) 3 3\"");
    assert_eq!(cells.value("row[2] + 1"), "2");
    assert_eq!(cells.value(":t odd"), "odd: Vec<i32>");
}

#[test]
fn patterns_define_every_variable_in_them() {
    let mut cells = Cells::with_library();
    cells.quietly(&[
        r"#[derive(Debug, Clone)]
struct Place { north: f64, east: f64, name: String }
struct Wrapped(u8, char);
enum Answer { Yes(u32), No }",
        r#"let home = Place { north: 52.5, east: 13.4, name: "home".into() };"#,
    ]);
    assert_eq!(cells.value("home.name"), "\"home\"");
    cells.quietly(&["let Place { north, east: mut longitude, .. } = home.clone();"]);
    cells.quietly(&["longitude += 1.0; assert_eq!(north + longitude, 66.9);"]);
    cells.quietly(&[
        r"let _ = 5; let (first, ..) = (8, 9, 10); let [head, .., tail] = [1, 2, 3, 4];
let Wrapped(number, letter) = Wrapped(3, 'z');",
        r#"let ((a, b), [c, rest @ ..]) = ((1, "two"), [3, 4, 5]);"#,
    ]);
    let all = r#"format!("{first} {head} {tail} {number} {letter} {a} {b} {c} {rest:?}")"#;
    assert_eq!(cells.value(all), "\"8 1 4 3 z 1 two 3 [4, 5]\"");
    cells.quietly(&[r#"let Answer::Yes(count) = Answer::Yes(4) else { panic!("no") };"#]);
    assert_eq!(cells.value("count"), "4");
    let code = r#"let Answer::Yes(more) = Answer::No else { panic!("there is none") };"#;
    cells.fails("Panic", code).tells(&["there is none"]);
    assert_eq!(cells.value("count"), "4");
}

#[test]
fn a_name_without_a_value_and_a_type_left_open_are_errors_in_plain_words() {
    let mut cells = Cells::with_library();
    let open = cells.fails("CompileError", "let nothing = Vec::new();");
    open.tells(&["type annotations needed", "let nothing = Vec::new();"]);
    cells
        .fails("CompileError", "let value = missing();")
        .tells(&["`missing`", "value = missing()"]);
    assert_eq!(cells.variables(), []);
    cells.quietly(&["use std::collections::HashSet;"]);
    assert_eq!(cells.value("HashSet::from([1]).len()"), "1");
}

#[test]
fn a_variable_that_borrows_may_have_its_type_written_out() {
    let mut cells = Cells::with_library();
    cells.quietly(&["let table = vec![[1_u8, 2], [3, 4]];"]);
    assert_eq!(cells.value("let row: &[u8] = &table[1];\nrow.len() + usize::from(row[0])"), "5");
    cells.fails("CompileError", "row").tells(&["in its own cell only"]);
    assert_eq!(cells.value("let text: &str = &String::from(\"abc\");\ntext.len()"), "3");
    assert_eq!(cells.value("table[0][0]"), "1");
}

#[test]
fn a_variable_may_get_its_value_later_in_its_cell() {
    let mut cells = Cells::with_library();
    assert_eq!(cells.value("let (a, b);\na = 1; b = 2;\na + b"), "3");
    cells.quietly(&["let late: u8;\nif a == 1 { late = 3 } else { late = 4 };"]);
    assert_eq!(cells.value("late"), "3");
    cells.quietly(&["let later;\nif b == 2 { later = 3 } else { later = 4 }"]);
    assert_eq!(cells.value("later"), "3");
    cells.fails("CompileError", "let never: u8;\nprintln!(\"{never}\");").tells(&["E0381"]);
}

#[test]
fn variables_whose_types_have_no_name_live_to_the_end_of_their_cell() {
    let mut cells = Cells::with_library();
    assert_eq!(
        cells.value("let double = |x: i32| 2 * x; let kept = double(4); double(kept)"),
        "16"
    );
    let failed = cells.fails("CompileError", "double(1)");
    failed.tells(&["cannot find function `double`", "in its own cell only", "has no name in Rust"]);
    assert_eq!(cells.value("kept"), "8");
    cells.quietly(&[r"trait Animal { fn legs(&self) -> u8 { 4 } }
impl Animal for u8 {}
fn pet() -> impl Animal { 1_u8 }"]);
    assert_eq!(cells.value("let pet = pet(); pet.legs()"), "4");
    assert_eq!(cells.variables(), pairs(&[("kept", "i32")]));
    // A closure that counts, one that takes a variable with it, and one in a box.
    assert_eq!(
        cells.value("let mut n = 0; let mut next = || { n += 3; n }; next(); next(); n"),
        "6"
    );
    cells.quietly(&[r#"let words = vec!["a".to_owned()]; let boxed: Box<dyn Fn() -> usize> = Box::new(move || words.len());"#]);
    assert_eq!(cells.value("boxed() as i32 + n"), "7");
}

#[test]
fn several_variables_of_one_cell_outlive_one_that_cannot() {
    let mut cells = Cells::with_library();
    let code = r#"let numbers = vec![5, 3, 4];
let largest = numbers.iter().max().unwrap();
let twice = largest * 2;
let ordered = { let mut copy = numbers.clone(); copy.sort(); copy };
println!("{largest}");"#;
    assert_eq!(cells.prints(code), "5\n");
    assert_eq!(cells.value("(twice, ordered, numbers)"), "(10, [3, 4, 5], [5, 3, 4])");
    cells.fails("CompileError", "largest").tells(&["borrows from another variable"]);
}

// Functions, types and their methods.

#[test]
fn functions_call_those_of_earlier_cells_and_the_last_definition_counts() {
    let mut cells = Cells::with_library();
    cells.quietly(&[
        "pub fn base() -> i32 { 30 }",
        r"fn more() -> i32 { base() + 3 }
assert_eq!(more(), 33);",
    ]);
    assert_eq!(cells.value("more()"), "33");
    cells.quietly(&["fn base() -> i32 { 40 }"]);
    assert_eq!(cells.value("more()"), "43");
    // With other arguments: what called it does not compile until it is defined anew, too.
    cells.fails("CompileError", "fn base(offset: i32) -> i32 { 40 + offset }");
    assert_eq!(cells.value("more()"), "43");
    cells.quietly(&[r"fn base(offset: i32) -> i32 { 40 + offset }
fn more() -> i32 { base(1) }"]);
    assert_eq!(cells.value("more()"), "41");
    // Items can stand behind their use, and within blocks.
    assert_eq!(
        cells.value(
            r"let r = later(2);
fn later(x: u8) -> u8 { x << inner() }
fn inner() -> u8 { 3 }
r"
        ),
        "16"
    );
    assert_eq!(cells.value("{ fn local() -> u8 { 9 } local() }"), "9");
    cells.fails("CompileError", "local()").tells(&["cannot find function `local`"]);
    cells.quietly(&[r#"const fn square(x: usize) -> usize { x * x }
unsafe fn raw(p: *const i32) -> i32 { unsafe { *p } }
extern "C" fn plain(x: i32) -> i32 { x }"#]);
    assert_eq!(
        cells.value("let data = [0_i32; square(2)]; (data.len(), unsafe { raw(&5) }, plain(6))"),
        "(4, 5, 6)"
    );
}

#[test]
fn generic_functions_and_types_work_across_cells() {
    let mut cells = Cells::with_library();
    cells.quietly(&[
        r#"use std::fmt::Display;
fn join<T: Display, const N: usize>(all: [T; N]) -> String where T: Clone {
    all.iter().map(|one| format!("<{one}>")).collect()
}"#,
        r"#[derive(Debug, Clone, PartialEq)]
struct Grid<T, const W: usize> { rows: Vec<[T; W]> }
impl<T: Copy + Default, const W: usize> Grid<T, W> {
    fn empty(height: usize) -> Self { Self { rows: vec![[T::default(); W]; height] } }
}",
        "let grid = Grid::<u16, 3>::empty(2); let small: Grid<f32, 1> = Grid::empty(1);",
    ]);
    assert_eq!(cells.value("join([1, 2]) + &join(['a'])"), "\"<1><2><a>\"");
    assert_eq!(cells.value(":type grid"), "grid: Grid<u16, 3>");
    assert_eq!(cells.value("grid.rows.len() * grid.rows[0].len() + small.rows.len()"), "7");
    cells.quietly(&[r"struct Holder<'a> { text: &'a str }
impl<'a> Holder<'a> { fn first(&self) -> Option<&'a str> { self.text.split(',').next() } }"]);
    assert_eq!(
        cells.value(
            r#"let held = String::from("x,y"); Holder { text: &held }.first().map(str::len)"#
        ),
        "Some(1)"
    );
}

#[test]
fn a_type_that_is_defined_anew_takes_its_variables_with_it() {
    let mut cells = Cells::with_library();
    cells.quietly(&[r"struct Part { id: u8 }
let one = Part { id: 1 }; let all = vec![Part { id: 2 }]; let count = one.id;"]);
    assert_eq!(cells.variables(), pairs(&[("all", "Vec<Part>"), ("count", "u8"), ("one", "Part")]));
    let ran = cells.ok(r"struct Part { id: u8, price: f64 }
let new = Part { id: 3, price: 0.5 };");
    for name in ["`one` is gone", "`all` is gone"] {
        assert!(ran.stderr.contains(name), "{}", ran.stderr);
    }
    assert_eq!(cells.variables(), pairs(&[("count", "u8"), ("new", "Part")]));
    assert_eq!(cells.value("new.price + f64::from(new.id)"), "3.5");
    cells.fails("CompileError", "one.id").tells(&["`one` is gone", "has been defined anew"]);
    // The same again is no new definition, and one that does not compile defines nothing.
    cells.quietly(&["struct Part { id: u8, price: f64 }"]);
    cells.fails("CompileError", "struct Part { id: Unknown }");
    assert_eq!(cells.value("new.price"), "0.5");
    let enums = ["enum State { On, Off }\nlet state = State::On;", "matches!(state, State::On)"];
    cells.quietly(&enums[..1]);
    assert_eq!(cells.value(enums[1]), "true");
    let ran = cells.ok("enum State { On, Off, Broken(String) }");
    assert!(ran.stderr.contains("`state` is gone"), "{}", ran.stderr);
    assert_eq!(cells.value("matches!(State::Broken(String::new()), State::Broken(_))"), "true");
}

#[test]
fn a_module_that_loses_the_type_of_a_variable_leaves_the_session_usable() {
    let mut cells = Cells::with_library();
    cells.quietly(&[
        "mod plan { pub struct Step(pub u8); }\nlet step = plan::Step(1); let other = 2;",
    ]);
    let ran = cells.ok("mod plan { pub fn is_empty() -> bool { true } }");
    assert!(ran.stderr.contains("`step` is gone"), "{}", ran.stderr);
    assert_eq!(cells.value("plan::is_empty()"), "true");
    assert_eq!(cells.value("other"), "2");
    assert_eq!(cells.variables(), pairs(&[("other", "i32")]));
}

#[test]
fn a_type_with_other_parameters_leaves_the_session_usable() {
    let mut cells = Cells::with_library();
    cells.quietly(&["struct Boxed<T>(T);\nlet boxed = Boxed(1_u8); let other = 2;"]);
    let ran = cells.ok("struct Boxed(u8);");
    assert!(ran.stderr.contains("`boxed` is gone"), "{}", ran.stderr);
    assert_eq!(cells.value("Boxed(3).0"), "3");
    assert_eq!(cells.value("other"), "2");
}

#[test]
fn a_name_that_is_no_type_any_more_leaves_the_session_usable() {
    let mut cells = Cells::with_library();
    cells.quietly(&["struct Thing(u8);\nlet thing = Thing(1); let other = 2;"]);
    cells.ok("trait Thing { fn size(&self) -> u8 { 7 } }\nimpl Thing for u8 {}");
    assert_eq!(cells.value("1_u8.size()"), "7");
    assert_eq!(cells.value("other"), "2");
    cells.ok(":clear");
    assert_eq!(cells.value("1 + 1"), "2");
}

#[test]
fn an_import_that_changes_a_type_tells_which_variables_are_gone() {
    let mut cells = Cells::with_library();
    cells.quietly(&[
        "use std::collections::BTreeMap as Table;\nlet table: Table<u8, u8> = Table::new(); let other = 2;",
    ]);
    let ran = cells.ok("use std::collections::HashMap as Table;");
    let next = cells.run("table.len()").map_or_else(|failed| failed.traceback, |ran| ran.stderr);
    let told = ran.stderr + &next;
    assert!(told.contains("`table` is gone"), "{told}");
    assert_eq!(cells.value("other + Table::<i32, i32>::new().len() as i32"), "2");
}

#[test]
fn methods_can_be_defined_again_and_again() {
    let mut cells = Cells::with_library();
    cells.quietly(&[
        r"#[derive(Debug)]
struct Clock { hours: u32 }
let clock = Clock { hours: 7 };",
        "impl Clock { fn later(&self) -> u32 { self.hours + 1 } }",
        "impl Clock { fn earlier(&self) -> u32 { self.hours - 1 } const DAY: u32 = 24; }",
    ]);
    assert_eq!(cells.value("(clock.later(), clock.earlier(), Clock::DAY)"), "(8, 6, 24)");
    cells.quietly(&["impl Clock { fn later(&self) -> u32 { self.hours + 2 } }"]);
    assert_eq!(cells.value("(clock.later(), clock.earlier())"), "(9, 6)");
    cells.quietly(&[
        r#"impl std::fmt::Display for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "{} o'clock", self.hours) }
}"#,
    ]);
    assert_eq!(cells.value("clock.to_string()"), "\"7 o'clock\"");
    cells.quietly(&[
        r#"impl std::fmt::Display for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "{}:00", self.hours) }
}"#,
    ]);
    assert_eq!(cells.value("format!(\"{clock}\")"), "\"7:00\"");
    // The cell of the type, with its methods, once more.
    let whole = r"struct Lamp { on: bool }
impl Lamp { fn flip(&mut self) { self.on = !self.on; } }
impl Default for Lamp { fn default() -> Self { Self { on: true } } }";
    cells.quietly(&[whole, "let mut lamp = Lamp::default();", whole, "lamp.flip();"]);
    assert_eq!(cells.value("lamp.on"), "false");
}

#[test]
fn traits_can_be_defined_again_and_implemented_for_types_of_earlier_cells() {
    let mut cells = Cells::with_library();
    cells.quietly(&[
        "trait Speak { fn word(&self) -> String; fn loud(&self) -> String { self.word().to_uppercase() } }",
        "struct Dog; struct Cat { name: &'static str }",
        r#"impl Speak for Dog { fn word(&self) -> String { "wau".into() } }
impl Speak for Cat { fn word(&self) -> String { format!("miau {}", self.name) } }"#,
        r#"let zoo: Vec<Box<dyn Speak>> = vec![Box::new(Dog), Box::new(Cat { name: "io" })];"#,
    ]);
    assert_eq!(
        cells.value(r#"zoo.iter().map(|one| one.loud()).collect::<Vec<_>>().join(" ")"#),
        "\"WAU MIAU IO\""
    );
    cells.quietly(&[r#"impl Speak for Dog { fn word(&self) -> String { "wuff".into() } }"#]);
    assert_eq!(cells.value("Dog.loud()"), "\"WUFF\"");
    let ran = cells.ok("trait Speak { fn word(&self) -> String; fn twice(&self) -> String { self.word().repeat(2) } }");
    assert!(ran.stderr.contains("`zoo` is gone"), "{}", ran.stderr);
    assert_eq!(cells.value("Dog.twice()"), "\"wuffwuff\"");
    // For a type of the standard library, with a blanket implementation, an operator.
    cells.quietly(&[
        "impl Speak for i32 { fn word(&self) -> String { self.to_string() } }",
        r"trait Twice { fn doubled(&self) -> (Self, Self) where Self: Sized; }
impl<T: Clone> Twice for T { fn doubled(&self) -> (T, T) { (self.clone(), self.clone()) } }",
        r"#[derive(Clone, Copy, Debug, PartialEq)]
struct Money(i64);",
        "impl std::ops::Add for Money { type Output = Money; fn add(self, other: Money) -> Money { Money(self.0 + other.0) } }",
    ]);
    assert_eq!(cells.value("12.twice() + &5.doubled().1.to_string()"), "\"12125\"");
    assert_eq!(cells.value("Money(2) + Money(3)"), "Money(5)");
    // Associated types, and iterators of one's own.
    cells.quietly(&[r"struct Steps { at: u8 }
impl Iterator for Steps { type Item = u8; fn next(&mut self) -> Option<u8> { self.at += 1; (self.at < 5).then_some(self.at) } }"]);
    assert_eq!(cells.value("Steps { at: 1 }.map(u32::from).sum::<u32>()"), "9");
}

#[test]
fn modules_and_reserved_words_are_names_as_others() {
    let mut cells = Cells::with_library();
    cells.quietly(&[
        "mod outer { pub mod inner { #[derive(Debug)] pub struct Deep(pub u8); impl Deep { pub fn value(&self) -> u8 { self.0 } } } pub fn open() -> Result<Option<inner::Deep>, String> { Ok(Some(inner::Deep(21))) } }",
        "let one = outer::open()?;",
        "let two = outer::open()?;",
    ]);
    assert_eq!(cells.value("one.as_ref().unwrap().value() + two.unwrap().value()"), "42");
    assert_eq!(cells.value("one"), "Some(Deep(21))");
    cells.quietly(&[
        r"mod r#async { #[derive(Debug)] pub struct Task(pub u8); }
let task = r#async::Task(1);",
        r"fn r#match(r#in: u8) -> u8 { r#in + 1 }
let r#type = r#match(2);",
    ]);
    assert_eq!(cells.value("(task.0, r#type)"), "(1, 3)");
    // The semicolon that a `let` at the end has forgotten.
    cells.quietly(&["let deep = outer::inner::Deep(6)"]);
    assert_eq!(cells.value("deep.value()"), "6");
}

// Macros, constants, imports, attributes.

#[test]
fn macros_are_there_in_later_cells_and_can_be_defined_again() {
    let mut cells = Cells::with_library();
    cells.quietly(&["macro_rules! add { ($($term:expr),* $(,)?) => { 0 $(+ $term)* }; }"]);
    assert_eq!(cells.value("add!(20, 20, 2)"), "42");
    cells.quietly(&["macro_rules! add { ($($term:expr),*) => { 100 $(+ $term)* }; }"]);
    assert_eq!(cells.value("let sum = add!(1, 2); sum"), "103");
    cells.quietly(&[
        "macro_rules! getter { ($name:ident, $value:expr) => { fn $name() -> u8 { $value } }; }",
    ]);
    assert_eq!(cells.value("getter!(five, 5);\nfive()"), "5");
    // What a macro defines is a part of the code of its cell.
    cells.quietly(&[
        "macro_rules! make { ($name:ident) => { #[derive(Debug)] struct $name(u8); }; }",
    ]);
    assert_eq!(cells.value("make!(Made);\nMade(0)"), "Made(0)");
    cells.fails("CompileError", "Made(1)").tells(&["`Made`"]);
    cells.fails("CompileError", "add!(1; 2)").tells(&["no rules expected", "add!(1; 2)"]);
    assert_eq!(cells.value("vec![add!(); 2]"), "[100, 100]");
}

#[test]
fn an_error_within_a_macro_points_at_the_line_of_the_cell() {
    let mut cells = Cells::with_library();
    let failed = cells.fails(
        "CompileError",
        r#"let mut all = String::from("x");
all.push_str(format!("{}", 1));"#,
    );
    failed.tells(&["mismatched types", "E0308", r#"2 | all.push_str(format!("{}", 1));"#]);
    assert_eq!(failed.traceback.matches("error").count(), 1, "{}", failed.traceback);
    assert_eq!(failed.value, "mismatched types [E0308]");
    let failed = cells
        .fails("CompileError", r#"let mut all = String::new(); write!(all, "{}", 2).unwrap();"#);
    failed.tells(&["write!(all, \"{}\", 2)", "Write"]);
}

#[test]
fn constants_stay_and_every_cell_has_its_own_statics() {
    let mut cells = Cells::with_library();
    cells.quietly(&["const SIZE: usize = 3;", "let filled = [1.5; SIZE];"]);
    assert_eq!(cells.value("filled.len()"), "3");
    cells.ok("pub static NAME: &str = \"table\";");
    assert_eq!(cells.value("NAME"), "\"table\"");
    let ran = cells.ok("use std::sync::atomic::{AtomicUsize, Ordering};\n\
         static SEEN: AtomicUsize = AtomicUsize::new(1);\n\
         fn see() -> usize { SEEN.fetch_add(1, Ordering::SeqCst) + 1 }");
    assert!(ran.stderr.contains("every cell has its own `SEEN`"), "{}", ran.stderr);
    assert_eq!(cells.value("see(); see(); SEEN.load(Ordering::SeqCst)"), "3");
    assert_eq!(cells.value("see()"), "2");
    let mutable = "static mut LEVEL: i32 = 5;\nunsafe { LEVEL += 2; let level = LEVEL; println!(\"{level}\"); }";
    assert_eq!(cells.prints(mutable), "7\n");
    assert_eq!(cells.value("unsafe { let level = LEVEL; level }"), "5");
    // What is to stay belongs in a variable.
    cells.quietly(&[
        "let seen = std::sync::Arc::new(AtomicUsize::new(0));",
        "seen.fetch_add(4, Ordering::SeqCst);",
    ]);
    assert_eq!(cells.value("seen.load(Ordering::SeqCst)"), "4");
    cells.quietly(&["const SIZE: usize = 5;"]);
    assert_eq!(cells.value("let again = [0; SIZE]; again.len()"), "5");
    assert_eq!(cells.value("filled.len()"), "3");
    cells.quietly(&["type Pair<T> = (T, T); let both: Pair<u8> = (1, 2);"]);
    assert_eq!(cells.value("both.0 + both.1"), "3");
}

#[test]
fn imports_can_be_repeated_and_a_bad_one_harms_nothing() {
    let mut cells = Cells::with_library();
    cells.quietly(&["use std::collections::VecDeque;", "use std::collections::VecDeque;"]);
    assert_eq!(cells.value("VecDeque::from([1, 2]).pop_front()"), "Some(1)");
    cells.quietly(&[r"mod tools {
    pub struct Saw; pub struct Axe;
    impl Saw { pub fn teeth() -> u8 { 42 } pub fn new() -> Self { Saw } }
    pub trait Cut { fn cut(&self) -> u8 { 2 } }
    impl Cut for Saw {}
    pub mod left { pub fn l() -> u8 { 1 } }
    pub mod right { pub fn r() -> u8 { 2 } }
}
use std::iter::Iterator as _;
use tools::Cut as _;
use tools::left::*;
use tools::right::*;
use tools::Saw;"]);
    let failed = cells.fails("CompileError", "use no::such::thing;");
    assert!(
        failed.value.ends_with("[E0432]") || failed.value.ends_with("[E0433]"),
        "{}",
        failed.value
    );
    cells.fails("CompileError", "use crate;");
    cells.fails("CompileError", "use nosuch;").tells(&["nosuch"]);
    assert_eq!(cells.value("use tools::Saw as _; Saw::teeth()"), "42");
    assert_eq!(
        cells.value("use tools::{Axe, Saw}; let _axe = Axe; l() + r() + Saw::new().cut()"),
        "5"
    );
    assert_eq!(cells.value("l() + r() + Saw::new().cut()"), "5");
}

#[test]
fn an_import_replaces_one_of_the_same_name() {
    let mut cells = Cells::with_library();
    cells.quietly(&["mod a { pub fn who() -> char { 'a' } }\n\
         mod b { pub fn who() -> char { 'b' } pub mod c { pub fn deep() -> u8 { 3 } } }\n\
         use a::who;"]);
    assert_eq!(cells.value("who()"), "'a'");
    cells.quietly(&["use b::who;"]);
    assert_eq!(cells.value("who()"), "'b'");
    cells.quietly(&["use a::{who as first}; use b as other; use b::{c::{self, deep}};"]);
    assert_eq!(cells.value("(first(), other::who(), c::deep(), deep())"), "('a', 'b', 3, 3)");
    // As the import of another cell, but for this one only.
    assert_eq!(cells.value("{ use a::who; who() }"), "'a'");
    assert_eq!(cells.value("who()"), "'b'");
    cells.quietly(&["use std::{fmt::{self, Write as _}, io::{self, prelude::*}};"]);
    let written = "let mut text = String::new();\nwrite!(text, \"{}\", 5)?;\n\
                   let done: fmt::Result = Ok(());\n(text, done.is_ok())";
    assert_eq!(cells.value(written), "(\"5\", true)");
    let read =
        "let mut line = String::new();\n(&b\"one, two\"[..]).read_line(&mut line)?;\nline.len()";
    assert_eq!(cells.value(read), "8");
    assert_eq!(cells.value("io::ErrorKind::NotFound"), "NotFound");
    cells.quietly(&[
        "use std::f64::consts::*;\npub use std::mem::swap;\nuse ::std::cmp::Ordering::{self, Less};",
        "fn order() -> Ordering { Less }",
    ]);
    let swapped =
        "let (mut x, mut y) = (PI, E); swap(&mut x, &mut y); (x < y, 1.cmp(&2) == order())";
    assert_eq!(cells.value(swapped), "(true, true)");
    // The variants of an enum, by their own names.
    cells.quietly(&["enum Side { Left, Right }\nuse Side::*;"]);
    assert_eq!(cells.value("[Left, Right].len()"), "2");
    // A function takes the place of an import, and the other way round.
    cells.quietly(&["use std::cmp::max;", "fn max(a: u8) -> u8 { a }"]);
    assert_eq!(cells.value("max(4)"), "4");
    cells.quietly(&["use std::cmp::max;"]);
    assert_eq!(cells.value("max(1, 2)"), "2");
}

#[test]
fn an_import_in_braces_can_rename_the_module_itself() {
    let mut cells = Cells::with_library();
    cells.quietly(&["use std::fmt::{self as form, Debug};"]);
    assert_eq!(cells.value("let done: form::Result = Ok(()); done.is_ok()"), "true");
    cells.quietly(&["use std::{io::{self as input, prelude::*}};"]);
    assert_eq!(cells.value("input::ErrorKind::NotFound"), "NotFound");
    cells
        .quietly(&["mod own { pub fn word() -> char { 'o' } }", "use own::{self as other, word};"]);
    assert_eq!(cells.value("(other::word(), own::word(), word())"), "('o', 'o', 'o')");
}

#[test]
fn an_error_in_an_import_points_at_its_line() {
    let mut cells = Cells::with_library();
    for (code, line) in [
        ("use std::nosuch::Thing;", "1 | use std::nosuch::Thing;"),
        ("let a = 1;\nuse no::such::thing;", "2 | use no::such::thing;"),
        ("use std::{fmt,\n    nosuch};", "2 |     nosuch};"),
    ] {
        cells.fails("CompileError", code).tells(&[line]);
    }
}

#[test]
fn attributes_and_comments_stand_where_they_may_in_rust() {
    let mut cells = Cells::with_library();
    cells.quietly(&[r"#![allow(non_snake_case)]
#![allow(dead_code)]
fn NotSnake() -> u8 { 1 }"]);
    assert_eq!(cells.value("NotSnake()"), "1");
    cells.quietly(&[
        r"#[allow(unused_variables)]
fn quiet() { let unused = 1; }",
        r"#[inline(never)]
#[must_use]
pub fn kept() -> u8 { 2 }",
    ]);
    assert_eq!(cells.value("kept() // the value\n// and another line"), "2");
    assert_eq!(cells.value("/* before */ kept() /* behind */"), "2");
    assert_eq!(cells.value("kept();\n/* several\n   lines */\nkept() + 1\n\n"), "3");
    cells.quietly(&[
        "let a = kept(); // why\n",
        "// nothing else",
        "/* nothing */",
        "",
        "  \n\n",
        ";",
    ]);
    cells.quietly(&[
        r"/// A documented thing.
//// No documentation.
struct Thing;",
        "#[cfg(any())]\nfn absent() {}",
    ]);
    cells.fails("CompileError", "absent()").tells(&["`absent`"]);
    assert_eq!(cells.value("#[allow(clippy::all)] let x = 1; x + a"), "3");
    let nightly = cells.fails("CompileError", "#![feature(never_type)]\nlet n = 1;");
    nightly.tells(&["feature"]);
    assert_eq!(cells.value("x"), "1");
}

#[test]
fn a_warning_that_matters_is_told_and_the_cell_runs() {
    let mut cells = Cells::with_library();
    let ran = cells.ok("let n = 6;\nn * 7;\nn + 1");
    assert_eq!(ran.value.as_deref(), Some("7"));
    for part in ["warning: unused arithmetic operation", "2 | n * 7;"] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
    let ran = cells.ok("\"5\".parse::<u8>();");
    assert!(ran.stderr.contains("unused `Result`"), "{}", ran.stderr);
    // What a cell does not use, a later one may.
    cells.quietly(&[
        "let mut later = String::new(); let other = 3;",
        "use std::fmt::Debug;",
        "fn careless() { let mut forgotten = 5; }",
        "struct Unused { field: u8 }",
    ]);
}

#[test]
fn text_comes_in_the_order_in_which_it_was_written() {
    let mut cells = Cells::with_library();
    let ran = cells.ok(r#"println!("one");
eprintln!("two");
print!("thr");
print!("ee\n");
eprint!("four\n");
5"#);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("one\nthree\n", "two\nfour\n"));
    assert_eq!(ran.value.as_deref(), Some("5"));
    // With a little time between them both kinds keep the order they have to each other.
    let code = r#"let pause = || std::thread::sleep(std::time::Duration::from_millis(30));
println!("a"); pause(); eprintln!("b"); pause(); print!("c"); pause(); eprint!("d"); pause(); print!("e");"#;
    let request = cells.front_end.execute(code);
    let words = cells.front_end.transcript(&request);
    let expected =
        ["stdout \"a\\n\"", "stderr \"b\\n\"", "stdout \"c\"", "stderr \"d\"", "stdout \"e\""];
    assert_eq!(words[2..words.len() - 1], expected);
    cells.front_end.reply(&request);
    // Without a line's end, with nothing, and with bytes.
    assert_eq!(cells.prints("print!(\"open\");"), "open");
    assert_eq!(cells.prints("println!();"), "\n");
    let bytes = r#"use std::io::Write; std::io::stdout().write_all(b"a\tb\r\nc\n")?;"#;
    assert_eq!(cells.prints(bytes), "a\tb\r\nc\n");
    assert_eq!(cells.prints(r#"print!("{{}} {:>4}|{:<4}|{0:#x}", 10, 11);"#), "{}   10|11  |0xa");
}

#[test]
fn text_without_a_line_end_belongs_to_the_cell_that_wrote_it() {
    let mut cells = Cells::with_library();
    cells.quietly(&["use std::io::Write;"]);
    assert_eq!(cells.prints("std::io::stdout().write_all(b\"open\")?;"), "open");
    assert_eq!(cells.prints("write!(std::io::stdout(), \"{}\", 5)?;"), "5");
    assert_eq!(cells.prints("println!(\"next\");"), "next\n");
}

#[test]
fn long_outputs_come_whole() {
    let mut cells = Cells::with_library();
    let printed = cells.prints(r#"for line in 0..20_000 { println!("line {line}"); }"#);
    let expected: String = (0..20_000).map(|line| format!("line {line}\n")).collect();
    assert!(printed == expected, "{} bytes instead of {}", printed.len(), expected.len());
    let ran = cells.ok(
        r#"let long = "é".repeat(300_000); println!("{long}"); eprintln!("{}", &long[..200_000]);"#,
    );
    assert_eq!(ran.stdout.chars().filter(|c| *c == 'é').count(), 300_000);
    assert_eq!(ran.stderr.chars().filter(|c| *c == 'é').count(), 100_000);
    assert_eq!(cells.value("long.len()"), "600000");
}

#[test]
fn only_a_last_expression_without_a_semicolon_is_the_value() {
    let mut cells = Cells::with_library();
    assert_eq!(
        cells.value(
            r"for a in 0..3 { drop(a) }
if false { } 
while false {}
42"
        ),
        "42"
    );
    assert_eq!(cells.value(r#"format!("{:3x}|{:.2}", 30, 2.0_f64 / 3.0)"#), "\" 1e|0.67\"");
    cells.quietly(&[
        "drop(6 * 7);",
        "let mut n = 1; n = 2;",
        "n += 1",
        "for i in 0..2 { n += i }",
        "fn last() {}",
        "last()",
        "()",
        "{ n; }",
        "loop { break }",
        "if n > 100 { n = 0 }",
    ]);
    assert_eq!(cells.value("n"), "4");
    assert_eq!(cells.value(r#"if n > 2 { "much" } else { "little" }"#), "\"much\"");
    assert_eq!(cells.value("match n { 4 => Some('d'), _ => None }"), "Some('d')");
    assert_eq!(cells.value("{ let inner = n * 2; inner + 1 }"), "9");
    assert_eq!(cells.value("loop { n += 1; if n % 7 == 0 { break n } }"), "7");
    assert_eq!(cells.value("unsafe { *(&n as *const i32) }"), "7");
    assert_eq!(cells.value("'outer: loop { loop { break 'outer 'x' } }"), "'x'");
    assert_eq!(
        cells.value("vec![1, 2, 3].iter().map(|x| x * x).collect::<Vec<i32>>()"),
        "[1, 4, 9]"
    );
}

#[test]
fn a_type_shows_itself_if_it_knows_how() {
    let mut cells = Cells::with_library();
    cells.quietly(&[r#"struct Picture { size: u8 }
impl Picture {
    pub fn evcxr_display(&self) {
        println!("EVCXR_BEGIN_CONTENT text/html\n<b>{}</b>\nEVCXR_END_CONTENT", self.size);
        println!("EVCXR_BEGIN_CONTENT text/plain\nsize {}\nEVCXR_END_CONTENT", self.size);
    }
}"#]);
    let ran = cells.ok("let picture = Picture { size: 9 }; picture");
    assert_eq!(ran.value.as_deref(), Some("size 9"));
    assert_eq!(ran.forms["text/html"], "<b>9</b>");
    assert_eq!(ran.displays, [] as [serde_json::Value; 0]);
    assert_eq!(cells.value("picture"), "size 9");
    assert_eq!(cells.value("&picture"), "size 9");
    // Anywhere else it is a display.
    let ran = cells.ok(r#"println!("EVCXR_BEGIN_CONTENT text/markdown\n# title\nEVCXR_END_CONTENT"); picture.evcxr_display(); 3"#);
    assert_eq!(ran.value.as_deref(), Some("3"));
    assert_eq!(ran.displays[0]["text/markdown"], "# title");
    assert!(
        ran.displays.iter().any(|display| display["text/html"] == "<b>9</b>"),
        "{:?}",
        ran.displays
    );
    // For a trait's types, too, and one that knows nothing at all is no error.
    cells.quietly(&["struct Mute;"]);
    let mute = cells.run("Mute");
    assert!(mute.as_ref().is_ok_and(|ran| ran.stdout.is_empty()), "{mute:?}");
    assert_eq!(cells.value("Some(1).map(|x| x + 1)"), "Some(2)");
}

#[test]
fn formats_of_values_and_their_types_can_be_chosen() {
    let mut cells = Cells::with_library();
    cells.quietly(&[":fmt {:#x?}"]);
    assert_eq!(cells.value("255"), "0xff");
    cells.quietly(&[":fmt {}"]);
    assert_eq!(cells.value("\"plain\""), "plain");
    cells.fails("CompileError", "vec![1]").tells(&["Display"]);
    cells.quietly(&[":fmt {:?}"]);
    assert_eq!(cells.value("\"quoted\""), "\"quoted\"");
    assert_eq!(cells.value(":types"), "Types are shown from now on.");
    let ran = cells.ok("Some(\"a\".to_string())");
    assert_eq!(
        (ran.stdout.as_str(), ran.value.as_deref()),
        (": Option<String>\n", Some("Some(\"a\")"))
    );
    let ran = cells.ok("std::collections::HashMap::<u8, Vec<std::rc::Rc<str>>>::new()");
    assert_eq!(ran.stdout, ": HashMap<u8, Vec<Rc<str>>>\n");
    assert_eq!(cells.ok("1_i32").stdout, ": i32\n");
    assert_eq!(cells.value(":types"), "Types are hidden from now on.");
    assert_eq!(cells.prints("42"), "");
}

// Errors.

#[test]
fn a_panic_is_an_error_and_what_was_not_moved_is_still_there() {
    let mut cells = Cells::with_library();
    cells.quietly(&[r#"let list = vec![1, 2]; let copied = 7; let mut grown = vec!['a']; let moved = String::from("m");"#]);
    let failed = cells.fails(
        "Panic",
        r#"println!("so far");
panic!("out of {}", copied);"#,
    );
    assert_eq!(failed.value, "out of 7");
    assert_eq!(failed.shown.stdout, "so far\n");
    failed.tells(&["panicked", "out of 7", "2"]);
    assert_eq!(cells.value("(&list, copied)"), "([1, 2], 7)");
    cells.fails("Panic", "grown.push('b'); let inner = list[5];").tells(&["index out of bounds"]);
    assert_eq!(cells.value("(list.len(), &grown)"), "(2, ['a', 'b'])");
    cells.fails("CompileError", "inner").tells(&["cannot find value `inner`"]);
    cells.fails("Panic", "let taken = moved; drop(taken); None::<u8>.unwrap();").tells(&["None"]);
    assert_eq!(
        cells.variables(),
        pairs(&[("copied", "i32"), ("grown", "Vec<char>"), ("list", "Vec<i32>")])
    );
    cells.fails("CompileError", "moved.len()").tells(&["`moved`"]);
    // Shadowed in a cell that panics.
    cells
        .fails("Panic", r#"let copied = "other"; assert_eq!(copied.len(), 1);"#)
        .tells(&["left: 5", "right: 1"]);
    cells.fails(
        "Panic",
        r#"fn deep(n: u8) -> u8 { if n == 0 { unreachable!("the bottom") } else { deep(n - 1) } }
deep(3)"#,
    );
    assert_eq!(cells.value("list.len()"), "2");
    // A panic that somebody catches is none.
    let ran = cells.ok(r#"std::panic::catch_unwind(|| panic!("caught")).is_err()"#);
    assert_eq!(ran.value.as_deref(), Some("true"));
}

#[test]
fn variables_need_not_outlive_a_panic() {
    let mut cells = Cells::with_library();
    cells.ok(r":preserve_vars_on_panic 0
let list = vec![1]; let number = 2;");
    cells.fails("Crash", r#"panic!("on purpose {}", number);"#).tells(&["lost"]);
    assert_eq!(cells.variables(), []);
    // An error does not bring them back.
    cells.fails("CompileError", "this does not compile");
    assert_eq!(cells.variables(), []);
    cells.fails("CompileError", "number").tells(&["`number` was lost"]);
    cells.ok(":preserve_vars_on_panic 1\nlet number = 3;");
    cells.fails("Panic", "panic!(\"again\");");
    assert_eq!(cells.value("number"), "3");
}

#[test]
fn a_question_mark_ends_the_cell_and_what_was_made_before_it_stays() {
    let mut cells = Cells::with_library();
    let failed = cells.fails("Error", "std::fs::read_to_string(\"/no/such/file\")?;");
    assert!(failed.value.contains("No such file"), "{}", failed.value);
    cells.quietly(&["let owned = String::from(\"o\"); let copied = 40;\n\
         let mut grown = String::from(\"g\"); let mut count = 41; let used = vec![1];"]);
    let code = "println!(\"begun\");\ngrown.push_str(\"1\");\ncount += 1;\nlet copied = 43;\n\
                let fresh = vec![44];\ndrop(used);\nlet text = std::fs::read(\"/no/such/file\")?;\n\
                grown.push_str(\"2\");\nlet after = 1;\ncount += 10;";
    let failed = cells.fails("Error", code);
    assert_eq!(failed.shown.stdout, "begun\n");
    for part in ["kept: `copied`, `fresh`", "`used`"] {
        assert!(failed.shown.stderr.contains(part), "{}", failed.shown.stderr);
    }
    let expected = [
        ("copied", "i32"),
        ("count", "i32"),
        ("fresh", "Vec<i32>"),
        ("grown", "String"),
        ("owned", "String"),
    ];
    assert_eq!(cells.variables(), pairs(&expected));
    let all = "(&owned, &grown, count, copied, fresh[0])";
    assert_eq!(cells.value(all), "(\"o\", \"g1\", 42, 43, 44)");
    for name in ["text", "after"] {
        cells.fails("CompileError", name).tells(&["was not kept", "ended with an error"]);
    }
}

#[test]
fn a_cell_that_returns_early_tells_which_variables_are_lost() {
    let mut cells = Cells::with_library();
    cells.quietly(&["let mut steps = 1;"]);
    let code =
        "steps += 1;\nlet made = 5;\nif made == 5 { return Ok(()) }\nlet never = 6;\nsteps += 1;";
    let ran = cells.ok(code);
    assert_eq!(cells.value("steps"), "2");
    cells.fails("CompileError", "never").tells(&["`never`"]);
    // Either it is still there, or the cell has said that it is not.
    let there = cells.run("made").is_ok();
    assert!(there || ran.stderr.contains("`made`"), "{:?}", ran.stderr);
}

#[test]
fn an_error_about_a_question_mark_names_nothing_of_the_engine() {
    let mut cells = Cells::with_library();
    let failed = cells.fails("CompileError", "let n = Some(3)?;");
    failed.tells(&["1 | let n = Some(3)?;", "`Option`"]);
    assert!(!failed.traceback.contains("Evcxr"), "{}", failed.traceback);
}

#[test]
fn errors_of_all_kinds_end_a_cell_with_their_own_words() {
    let mut cells = Cells::with_library();
    cells.quietly(&[
        r#"#[derive(Debug)]
enum Trouble { Small, Large(u8) }
impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "trouble of size {}", match self { Trouble::Small => 1, Trouble::Large(n) => *n }) }
}
impl std::error::Error for Trouble {}"#,
        "fn fail(n: u8) -> Result<u8, Trouble> { match n { 0 => Ok(5), 1 => Err(Trouble::Small), n => Err(Trouble::Large(n)) } }",
        r#"fn boxed(n: u8) -> Result<u8, Box<dyn std::error::Error>> { let value = fail(n)?; let parsed: u8 = "x".parse()?; Ok(value + parsed) }"#,
        r#"fn said(text: &str) -> Result<(), String> { Err(format!("said {text}")) }
fn fixed() -> Result<(), &'static str> { Err("fixed") }"#,
    ]);
    for (code, expected) in [
        ("fail(1)?;", "trouble of size 1"),
        ("let a = fail(0)?; fail(a)?", "trouble of size 5"),
        ("boxed(0)?;", "invalid digit found in string"),
        ("boxed(2)?", "trouble of size 2"),
        ("said(\"no\")?;", "said no"),
        ("fixed()?;", "fixed"),
        ("\"1.x\".parse::<f64>()?", "invalid float literal"),
        ("std::str::from_utf8(&[0xff])?;", "invalid utf-8 sequence of 1 bytes from index 0"),
    ] {
        assert_eq!(cells.fails("Error", code).value, expected, "{code}");
    }
    // Several kinds in one cell, the last one at its end, and errors that are handled.
    assert_eq!(cells.value(r#"let n: u8 = "4".parse()?; fail(0)? + n"#), "9");
    assert_eq!(cells.value("fail(7).unwrap_or(1) + boxed(1).unwrap_or_default()"), "1");
    cells.quietly(&["let good: u8 = fail(0)?", "fail(0)?;"]);
    assert_eq!(cells.value("good"), "5");
    // A result is a value, too.
    assert_eq!(cells.value("fail(0)"), "Ok(5)");
    assert!(cells.value("fail(1)").contains("trouble of size 1"));
    // One leaves a cell early without an error.
    assert_eq!(
        cells.prints(
            r#"println!("a");
if good == 5 { return Ok(()); }
println!("b");"#
        ),
        "a\n"
    );
    assert_eq!(cells.value("good"), "5");
}

#[test]
fn the_words_of_an_error_can_be_chosen() {
    let mut cells = Cells::with_library();
    cells.fails("CompileError", ":efmt nonsense");
    cells.ok(":efmt {:?}");
    let failed = cells.fails("Error", "\"x\".parse::<u8>()?;");
    assert_eq!(failed.value, "ParseIntError { kind: InvalidDigit }");
    // So written, an error needs no text of its own.
    cells.quietly(&[r"#[derive(Debug)]
struct Bare(u8);
fn bare() -> Result<(), Bare> { Err(Bare(3)) }"]);
    assert_eq!(cells.fails("Error", "bare()?;").value, "Bare(3)");
    cells.ok(":efmt {}");
    assert_eq!(
        cells.fails("Error", "\"x\".parse::<u8>()?;").value,
        "invalid digit found in string"
    );
    cells.fails("CompileError", "bare()?;").tells(&["Bare"]);
}

#[test]
fn errors_point_at_the_right_line_whatever_stands_before_it() {
    let mut cells = Cells::with_library();
    let code = r#"let a = 10;
let s = "Größe ±σ 日本"; let t: String = 42; fn f() -> u8 {
    let σ = 1; (
    )
}
"#;
    let failed = cells.fails("CompileError", code);
    assert_eq!(failed.value, "mismatched types [E0308]");
    let line = r#"2 | let s = "Größe ±σ 日本"; let t: String = 42;"#;
    failed.tells(&[line, "expected `String`, found integer", "expected `u8`"]);
    for (code, parts) in [
        ("// one\n\n/* two\n*/\nunknown_thing();", ["5 | unknown_thing();", "cannot find"]),
        (":opt 1\nlet ok = 1;\nok.missing()", ["3 | ok.missing()", "no method named `missing`"]),
        ("fn f() {}\nlet x = f(1;", ["2 | let x = f(1;", "unclosed delimiter"]),
        ("fn f( {}", ["1 | fn f( {}", "unclosed delimiter"]),
        ("let x: = 5;", ["1 | let x: = 5;", "expected type"]),
        ("let τ: u8 = 'τ';", ["1 | let τ: u8 = 'τ';", "mismatched types"]),
        ("fn g() -> u8 {\n    let x = 1;\n    y\n}", ["3 |     y", "cannot find value `y`"]),
        ("impl Nobody {\n    fn f() {}\n}", ["1 | impl Nobody {", "cannot find type `Nobody`"]),
        ("struct S {\n    field: Nothing,\n}", ["2 |     field: Nothing,", "`Nothing`"]),
    ] {
        cells.fails("CompileError", code).tells(&parts);
    }
    // Behind all of it the session is as it was.
    assert_eq!(cells.variables(), []);
    assert_eq!(cells.value("\"still \".to_string() + \"here\""), "\"still here\"");
    // A panic tells its line, too, and so it does from within a function of the cell.
    cells.fails("Panic", "let n = 1;\n// no\npanic!(\"here {n}\");").tells(&["line 3 of the cell"]);
    let within = "fn check(n: u8) {\n    assert!(n > 5, \"too small\");\n}\ncheck(1)";
    cells.fails("Panic", within).tells(&["too small", "line 2 of the cell"]);
}

#[test]
fn a_string_or_comment_without_an_end_is_told_at_its_line() {
    let mut cells = Cells::with_library();
    cells.fails("CompileError", "let a = 1;\n/* open\nlet b = 2;").tells(&["unterminated"]);
    let failed = cells.fails("CompileError", "let a = 1;\nlet x = \"open;");
    failed.tells(&["2 | let x = \"open;", "unterminated"]);
}

#[test]
fn a_cell_that_is_no_rust_is_refused() {
    let mut cells = Cells::with_library();
    let codes = ["/* open\nprintln!(\"x\");", "let = 5;", "let ;", "}", "@"];
    let taken: Vec<_> = codes.iter().filter(|code| cells.run(code).is_ok()).collect();
    assert_eq!(taken, [&""; 0]);
    let failed = cells.fails("CompileError", "let n = 1;\nn n");
    failed.tells(&["2 | n n", "expected"]);
    assert!(!failed.traceback.contains("keyword `fn`"), "{}", failed.traceback);
}

#[test]
fn an_unfinished_expression_at_the_end_is_told_at_its_place() {
    let mut cells = Cells::with_library();
    for (code, line) in [
        ("std::mem::drop(1);\nstd::mem::drop(", "2 | std::mem::drop("),
        ("let a = 1;\n1 +", "2 | 1 +"),
        ("let list = [1, 2", "1 | let list = [1, 2"),
        ("[1, 2", "1 | [1, 2"),
    ] {
        let failed = cells.fails("CompileError", code);
        failed.tells(&[line]);
        assert!(!failed.traceback.contains("evcxr"), "{}", failed.traceback);
    }
}

#[test]
fn commands_that_cannot_be_obeyed_are_errors_at_their_line() {
    let mut cells = Cells::with_library();
    let failed = cells.fails("CompileError", "// a comment\n:no_such_command\nlet x = 1;");
    failed.tells(&["there is no command `:no_such_command`", "2 | :no_such_command"]);
    assert_eq!(cells.variables(), []);
    cells
        .fails("CompileError", r#":dep missing = { path = "/no/such/folder" }"#)
        .tells(&["1 | :dep missing"]);
    cells.fails("CompileError", ":type nothing").tells(&["there is no variable `nothing`"]);
    cells.fails("CompileError", ":toolchain nightly").tells(&["RUSTUP_TOOLCHAIN"]);
    cells.fails("CompileError", ":quit");
    assert_eq!(cells.value("1"), "1");
}

#[test]
fn a_level_of_optimisation_that_there_is_not_is_refused() {
    let mut cells = Cells::with_library();
    cells.fails("CompileError", ":opt many").tells(&["many"]);
    assert_eq!(cells.value("1"), "1", "the session goes on");
}

// The process.

#[test]
fn a_crash_loses_variables_and_the_session_goes_on() {
    let mut cells = Cells::with_library();
    cells.quietly(&[
        "pub fn answer() -> i32 { 42 }\nlet text = String::new();",
        "use std::collections::BTreeSet;",
        "fn endless(n: u64) -> u64 {\n    let big = std::hint::black_box([n; 64]);\n    \
         if n == u64::MAX { 0 } else { endless(n + 1) + big[5] }\n}",
    ]);
    for (code, what) in [
        ("std::process::abort();", "it aborted"),
        ("std::process::exit(3);", "the code ended it with status 3"),
        ("std::process::exit(0)", "the code ended it with status 0"),
        ("unsafe { (64 as *mut u8).write_volatile(1) };", "crashed"),
        ("println!(\"{}\", endless(0));", "crashed"),
        ("unsafe { std::ptr::null_mut::<u8>().write_volatile(1) };", "segmentation fault"),
    ] {
        cells.quietly(&["let number = 5;"]);
        let failed = cells.fails("Crash", code);
        failed.tells(&[what, "`number`", "Imports, functions and types are kept"]);
        assert_eq!(cells.variables(), [], "{code}");
        cells.fails("CompileError", "number").tells(&["`number` was lost"]);
        assert_eq!(cells.value("answer() + BTreeSet::from([1]).len() as i32"), "43");
    }
    cells.quietly(&["let number = 6;"]);
    cells.ok(":clear");
    assert_eq!(cells.variables(), []);
    cells.fails("CompileError", "answer()").tells(&["cannot find function `answer`"]);
    assert_eq!(cells.value("40 + 2"), "42");
}

#[test]
fn a_segmentation_fault_is_told_in_words() {
    let mut cells = Cells::with_library();
    cells.ok("fn endless(n: u64) -> u64 { std::hint::black_box([endless(n + 1); 64])[5] }");
    cells.fails("Crash", "endless(0)").tells(&["endless recursion"]);
    let fault = "println!(\"before\");\nunsafe { (64 as *mut u8).write_volatile(1) };";
    let failed = cells.fails("Crash", fault);
    assert_eq!(failed.shown.stdout, "before\n");
    failed.tells(&["segmentation fault"]);
    assert!(!failed.shown.stderr.contains("evcxr"), "{}", failed.shown.stderr);
}

#[test]
fn a_variable_that_is_made_anew_behind_a_crash_is_not_said_to_be_lost() {
    let mut cells = Cells::with_library();
    cells.quietly(&["let list = vec![1];"]);
    cells.fails("Crash", "std::process::abort();");
    cells.quietly(&["let list = vec![2];", "drop(list);"]);
    let failed = cells.fails("CompileError", "list");
    assert!(!failed.traceback.contains("was lost"), "{}", failed.traceback);
}

#[test]
fn restart_loses_variables_only_and_clear_forgets_everything_but_the_library() {
    let mut cells = Cells::with_library();
    cells.quietly(&[r"fn kept() -> u8 { 1 }
let lost = 2;
use std::collections::LinkedList;"]);
    assert!(cells.prints(":restart").contains("without `lost`"));
    assert_eq!(cells.variables(), []);
    assert_eq!(cells.value("kept() + LinkedList::from([1_u8]).len() as u8"), "2");
    cells.quietly(&["let lost = 3;", ":clear"]);
    assert_eq!(cells.value(":vars"), "There are no variables.");
    cells.fails("CompileError", "lost").tells(&["cannot find value `lost`"]);
    cells.fails("CompileError", "LinkedList::from([1])");
    cells.quietly(&[r#"fn kept() -> String { String::from("new") }"#]);
    assert_eq!(cells.value("kept()"), "\"new\"");
    assert_eq!(cells.value("ndarray::array![[1.0, 2.0]].dim()"), "(1, 2)");
}

#[test]
fn threads_print_and_send_and_those_left_running_go_on() {
    let mut cells = Cells::with_library();
    let scoped = r"let mut parts = vec![0; 4];
std::thread::scope(|scope| for (n, part) in parts.iter_mut().enumerate() { scope.spawn(move || *part = n * n); });
parts";
    assert_eq!(cells.value(scoped), "[0, 1, 4, 9]");
    cells.quietly(&[r"use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;
let (sender, receiver) = mpsc::channel::<u32>();
let total = Arc::new(Mutex::new(0_u32));"]);
    cells.quietly(&["let worker = { let total = Arc::clone(&total); std::thread::spawn(move || for n in receiver { *total.lock().unwrap() += n; }) };"]);
    cells.quietly(&["for n in 1..=4 { sender.send(n)?; }"]);
    cells.quietly(&["drop(sender); worker.join().unwrap();"]);
    assert_eq!(cells.value("*total.lock().unwrap()"), "10");
    assert_eq!(
        cells.prints(r#"std::thread::spawn(|| println!("from a thread")).join().unwrap();"#),
        "from a thread\n"
    );
    // A panic in a thread is that thread's.
    assert_eq!(
        cells.value(
            r#"std::thread::spawn(|| { if true { panic!("not here") } 1 }).join().is_err()"#
        ),
        "true"
    );
    assert_eq!(cells.value("parts.len()"), "4");
}

#[test]
fn thread_locals_and_variables_are_dropped_when_their_time_has_come() {
    let mut cells = Cells::with_library();
    cells.quietly(&[r#"pub struct Loud(&'static str);
impl Drop for Loud { fn drop(&mut self) { println!("dropped {}", self.0); } }
pub fn touch() { thread_local! { static OWN: Loud = const { Loud("local") }; } OWN.with(|_| ()) }"#]);
    // Nothing goes wrong when the thread that has one is the one that runs cells.
    cells.ok("touch();");
    assert_eq!(cells.prints("std::thread::spawn(touch).join().unwrap();"), "dropped local\n");
    cells.quietly(&["let kept = Loud(\"kept\");"]);
    assert_eq!(cells.prints(r#"{ let _inner = Loud("inner"); }"#), "dropped inner\n");
    assert_eq!(cells.prints("drop(kept);"), "dropped kept\n");
    cells.quietly(&["let again = Loud(\"first\");"]);
    assert_eq!(cells.prints("let again = Loud(\"second\");"), "dropped first\n");
    let failed = cells.fails("Panic", r#"let _short = Loud("unwound"); panic!("now");"#);
    assert_eq!(failed.shown.stdout, "dropped unwound\n");
}

#[test]
fn cells_can_await() {
    let mut cells = Cells::with_library();
    cells.quietly(&[r#"async fn later(n: u32) -> u32 { tokio::time::sleep(std::time::Duration::from_millis(5)).await; n + 1 }
async fn fails() -> Result<u32, std::num::ParseIntError> { "x".parse() }"#]);
    assert_eq!(cells.value("later(1).await"), "2");
    cells.quietly(&["let awaited = later(later(1).await).await;"]);
    assert_eq!(cells.value("awaited * 2"), "6");
    let failed = cells.fails("Error", r#"let n = fails().await?; println!("{n}");"#);
    assert_eq!(failed.value, "invalid digit found in string");
    assert_eq!(cells.value("let (a, b) = tokio::join!(later(10), later(20)); a + b"), "32");
    assert_eq!(cells.value("let task = tokio::spawn(async { later(5).await }); task.await?"), "6");
    cells.fails("Panic", r#"later(1).await; panic!("in between");"#);
    assert_eq!(cells.value("awaited + later(0).await"), "4");
    assert_eq!(cells.value("async { 7 }.await"), "7");
}

// Crates.

#[test]
fn crates_in_folders_can_be_added_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let source = "use std::sync::atomic::{AtomicU32, Ordering};\n\
        static VALUE: AtomicU32 = AtomicU32::new(1);\n\
        pub fn thirty() -> i32 { 30 }\npub fn set(value: u32) { VALUE.store(value, Ordering::SeqCst) }\n\
        pub fn get() -> u32 { VALUE.load(Ordering::SeqCst) }\n\
        #[derive(Debug)]\npub struct Item { pub n: i32 }\n#[macro_export]\nmacro_rules! item { ($n:expr) => { $crate::Item { n: $n } } }\n";
    let first = write_crate(folder.path(), "evcxr_first", source);
    let second = write_crate(folder.path(), "evcxr_second", "pub fn twelve() -> i32 { 12 }");
    let hyphens = write_crate(folder.path(), "evcxr-with-hyphens", "pub fn seven() -> u8 { 7 }");
    let mut cells = Cells::with_library();
    assert!(!cells.value(":show_deps").contains("evcxr_first"));
    // One that is not there leaves nothing behind.
    cells.fails(
        "CompileError",
        r#":dep bad = { path = "/no/such/crate" }
40"#,
    );
    let feature =
        format!(r#":dep evcxr_first = {{ path = "{first}", features = ["no_such_feature"] }}"#);
    cells.fails("CompileError", &feature).tells(&["no_such_feature"]);
    let both = format!(
        r#":dep {first}
:dep evcxr_second = {{ path = "{second}", version = "0.3" }}
evcxr_first::set(765);
assert_eq!(evcxr_first::get(), 765);
evcxr_first::thirty() + evcxr_second::twelve()"#
    );
    assert_eq!(cells.value(&both), "42");
    // A static of a crate is a cell's own as one of a cell is.
    assert_eq!(cells.value("evcxr_first::get()"), "1");
    cells.quietly(&[r"use evcxr_first::{Item, item};
let item = item!(3); let list = vec![Item { n: 4 }];"]);
    assert_eq!(cells.value("item.n + list[0].n"), "7");
    assert_eq!(cells.variables(), pairs(&[("item", "Item"), ("list", "Vec<Item>")]));
    assert_eq!(
        cells.value(&format!(
            r":dep {hyphens}
use evcxr_with_hyphens;
evcxr_with_hyphens::seven()"
        )),
        "7"
    );
    let listed = cells.value(":show_deps");
    for line in [
        format!(r#"evcxr-with-hyphens = {{ path = "{hyphens}" }}"#),
        format!(r#"evcxr_first = {{ path = "{first}" }}"#),
        format!(r#"evcxr_second = {{ path = "{second}", version = "0.3" }}"#),
    ] {
        assert!(listed.lines().any(|own| own == line), "no {line} in\n{listed}");
    }
    assert_eq!(
        cells.value(
            r"extern crate evcxr_second as other;
other::twelve()"
        ),
        "12"
    );
    cells.quietly(&["extern crate evcxr_second;", "extern crate evcxr_second;"]);
    assert_eq!(cells.value("evcxr_second::twelve()"), "12");
    cells.ok(":clear");
    cells.fails("CompileError", "evcxr_first::thirty()").tells(&["evcxr_first"]);
}

#[test]
fn a_crate_that_changes_is_compiled_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = write_crate(folder.path(), "evcxr_changing", "pub fn age() -> u8 { 1 }");
    let mut cells = Cells::with_library();
    assert_eq!(cells.value(&format!(":dep {path}\nevcxr_changing::age()")), "1");
    cells.quietly(&["fn wrapped() -> u8 { evcxr_changing::age() * 10 }"]);
    write_crate(
        folder.path(),
        "evcxr_changing",
        r#"pub fn age() -> u8 { 2 }
pub fn name() -> String { "new".into() }"#,
    );
    assert_eq!(cells.value("wrapped() + evcxr_changing::age()"), "22");
    assert_eq!(cells.value("evcxr_changing::name()"), "\"new\"");
    // One that does not compile says so in its own words.
    let broken = write_crate(folder.path(), "evcxr_broken", "pub fn f() -> u8 { \"text\" }");
    cells
        .fails("CompileError", &format!(":dep {broken}\n1"))
        .tells(&["evcxr_broken", "mismatched types"]);
    assert_eq!(cells.value("wrapped()"), "20");
}

// Commands.

#[test]
fn commands_answer_and_rust_may_follow_them() {
    let mut cells = Cells::with_library();
    assert_eq!(cells.value(":vars"), "There are no variables.");
    cells.quietly(&[r#"let alpha = 1.5_f32; let beta = vec!["a", "b"];"#]);
    let table = cells.ok(":vars");
    let rows: Vec<_> = table.value.as_deref().unwrap().lines().collect();
    assert_eq!(
        rows[0].split_whitespace().collect::<Vec<_>>(),
        ["variable", "type", "bytes", "value"]
    );
    assert_eq!(rows[1].split_whitespace().collect::<Vec<_>>(), ["alpha", "f32", "4", "1.5"]);
    assert!(rows[2].contains("Vec<&str>") && rows[2].ends_with("[\"a\", \"b\"]"), "{rows:?}");
    assert!(table.forms["text/html"].as_str().unwrap().contains("<table"));
    assert_eq!(cells.value(":opt 2\nalpha * 2.0"), "3.0");
    assert_eq!(cells.value(":opt 0\nlet fast = alpha + 1.0;\nfast"), "2.5");
    assert!(cells.value(":version").contains("evcxr 0.22"));
    assert!(cells.value(":help").contains(":show_deps"));
    cells.quietly(&[":env EVCXR_TEST_WORD=hello"]);
    assert_eq!(cells.value(r#"std::env::var("EVCXR_TEST_WORD")?"#), "\"hello\"");
    assert_eq!(cells.prints("!echo $EVCXR_TEST_WORD from the shell"), "hello from the shell\n");
    let timed = cells.ok(":time alpha + 1.0");
    assert_eq!(timed.value.as_deref(), Some("2.5"));
    assert!(timed.stderr.ends_with(" s\n"), "{}", timed.stderr);
    cells.fails("CompileError", "drop(beta); beta.len()");
    assert!(cells.value(":explain").contains("moved"));
    assert!(Path::new(cells.value(":last_compile_dir").trim().trim_matches('"')).is_dir());
}

#[test]
fn a_cell_with_a_command_has_one_value() {
    let mut cells = Cells::with_library();
    let ran = cells.ok(":opt 2\n1 + 1");
    assert_eq!((ran.values, ran.value.as_deref()), (1, Some("2")));
    let ran = cells.ok(":vars\n3");
    assert_eq!((ran.values, ran.value.as_deref()), (1, Some("3")));
}

#[test]
fn the_last_errors_of_the_compiler_are_an_answer() {
    let mut cells = Cells::with_library();
    cells.fails("CompileError", "let text = String::new(); drop(text); text.len()");
    assert!(cells.value(":last_error_json").contains("E0382"));
}

#[test]
fn documentation_of_own_and_other_names_is_shown() {
    let mut cells = Cells::with_library();
    cells.quietly(&[
        "use std::fmt::Debug;\n/// How heavy it is, in **kilograms**.\n#[derive(Debug)]\n\
         struct Weight(f64);\nlet heavy = Weight(3.0);",
    ]);
    let ran = cells.ok(":doc Weight");
    let text = ran.value.unwrap();
    assert!(text.contains("struct Weight(f64)") && text.contains("How heavy it is"), "{text}");
    assert!(ran.forms["text/markdown"].as_str().unwrap().contains("kilograms"));
    assert!(cells.value("?Vec").contains("A contiguous growable array type"));
    assert!(cells.value(":doc heavy").contains("Weight"));
    assert!(cells.value("?Vae").contains("Vae"));
    let failed = cells.fails("Error", ":doc no_such_name_anywhere");
    failed.tells(&["nothing is known about `no_such_name_anywhere`"]);
    // The same for the front end, at the cursor.
    let mut text = |marked: &str| {
        let reply = cells.inspected(marked);
        assert!(reply.found, "{marked}");
        let data = serde_json::to_value(&reply.data).unwrap();
        assert!(data["text/html"].as_str().unwrap().contains('<'), "{data}");
        data["text/plain"].as_str().unwrap().to_owned()
    };
    assert!(text("let _v: Vec<i32> = Vec::ne|w();").contains("fn new()"));
    assert!(text("heav|y").contains("Weight"));
    assert!(text("let größe = 1; Weig|ht(2.0)").contains("How heavy"));
    assert!(!cells.inspected("quite_unknown_name|()").found);
}

#[test]
fn a_comment_at_the_head_of_a_cell_documents_the_item_below_it() {
    let mut cells = Cells::with_library();
    cells.quietly(&["/// A piece of cloth.\nstruct Flag;", "/** Hoists it. */\nfn hoist() {}"]);
    assert!(cells.value(":doc Flag").contains("A piece of cloth."));
    assert!(cells.value("?hoist").contains("Hoists it."));
}

#[test]
fn completions_know_variables_methods_and_modules() {
    let mut cells = Cells::with_library();
    cells.quietly(&[r"mod shop { pub struct Basket {} impl Basket { pub fn price5() {} pub fn sum(&self) -> u8 { 5 } } pub fn open_shop() {} }
let basket1 = 42; let basket2 = String::new(); let bought = shop::Basket {};"]);
    let code = r"fn names() -> Vec<String> {
    vec![]
}
names().rese|";
    let reply = cells.completions(code);
    assert!(reply.matches.iter().any(|one| one.starts_with("reserve(")), "{:?}", reply.matches);
    assert!(reply.matches.iter().all(|one| one.starts_with("rese")), "{:?}", reply.matches);
    let end = code.chars().count() - 1;
    assert_eq!((reply.cursor_start, reply.cursor_end), (end - 4, end));
    let kinds = &reply.metadata["_jupyter_types_experimental"];
    let kinds: Vec<_> = kinds.as_array().unwrap().iter().collect();
    assert!(
        kinds.iter().all(|one| one["type"] == "function" && one["signature"] != ""),
        "{kinds:?}"
    );
    // Nothing, where there is nothing.
    assert_eq!(cells.completions("basket2.no_such_method_at_all|").matches, [""; 0]);
    let reply = cells.completions("let other = basket|");
    assert!(["basket1", "basket2"].iter().all(|name| reply.matches.iter().any(|one| one == name)));
    let has = |cells: &mut Cells, marked: &str, wanted: &str| {
        let reply = cells.completions(marked);
        assert!(
            reply.matches.iter().any(|one| one.starts_with(wanted)),
            "{marked}: {:?}",
            reply.matches
        );
    };
    has(&mut cells, "basket2.push|", "push_str(");
    has(&mut cells, "bought.s|", "sum(");
    has(&mut cells, "basket1.wrapping_m|", "wrapping_mul(");
    has(&mut cells, "use shop::B|", "Basket");
    has(&mut cells, "use shop::|", "open_shop");
    has(&mut cells, "use shop::Basket; Basket::|", "price5");
    has(&mut cells, "use std::collections::BTreeM|", "BTreeMap");
    has(&mut cells, "let größe = 5;\nlet σ = größ|", "größe");
    has(&mut cells, "Va|", "Vae");
    has(&mut cells, "bask|", "basket1");
    let command = cells.completions(":de|");
    assert_eq!(
        (command.matches, command.cursor_start, command.cursor_end),
        (vec![":dep".to_owned()], 0, 3)
    );
    assert_eq!(command.metadata["_jupyter_types_experimental"][0]["type"], "magic");
    // Looking is not doing.
    assert_eq!(cells.value("basket1 + bought.sum() as i32"), "47");
}

#[test]
fn names_of_the_engine_are_not_offered() {
    let mut cells = Cells::with_library();
    cells.quietly(&["let everything = 1;"]);
    for marked in ["let x = e|", "let x = evcxr|", "let x = vars_|"] {
        let reply = cells.completions(marked);
        let hidden = |one: &&String| one.starts_with("evcxr") || one.starts_with("vars_ok");
        let shown: Vec<_> = reply.matches.iter().filter(hidden).collect();
        assert_eq!(shown, [""; 0], "{marked}");
    }
}

// Text, time and the rest.

#[test]
fn text_of_all_scripts_and_raw_strings_arrive_as_they_are() {
    let mut cells = Cells::with_library();
    assert_eq!(cells.prints("println!(\"さび äöü — «σ» 🦀\");"), "さび äöü — «σ» 🦀\n");
    assert_eq!(cells.value("\"naïve 🦀\".chars().count()"), "7");
    cells.quietly(&[
        "let größe = 3.0;",
        r"let σ = 2.0; fn fläche(länge: f64) -> f64 { länge * länge }
struct Straße { 名: &'static str }",
    ]);
    assert_eq!(cells.value("größe * σ + fläche(1.0)"), "7.0");
    assert_eq!(cells.value("Straße { 名: \"x\" }.名"), "\"x\"");
    assert_eq!(cells.value(":type σ"), "σ: f64");
    assert_eq!(cells.prints(r##"print!("{}", r#"a "quoted" \n {b}"#);"##), "a \"quoted\" \\n {b}");
    assert_eq!(cells.prints("print!(\"{}\", r\"C:\\dir\");"), "C:\\dir");
    let several = r###"let poem = r##"first
  :dep not a command
!no shell
// no comment "# here
"##;
print!("{poem}");"###;
    assert_eq!(
        cells.prints(several),
        "first\n  :dep not a command\n!no shell\n// no comment \"# here\n"
    );
    assert_eq!(
        cells.value(r#"(b"\x00\xff", 'ß', "a\u{301}".len(), c"c".count_bytes())"#),
        "([0, 255], 'ß', 3, 1)"
    );
    assert_eq!(cells.prints("print!(\"one \\\n        two\");"), "one two");
    // Line ends as on other systems.
    assert_eq!(cells.value("let a = 1;\r\nlet b = 2;\r\na + b\r\n"), "3");
    let failed = cells.fails("CompileError", "let ok = \"🦀🦀\"; größe.fehlt()");
    failed.tells(&["no method named `fehlt`", r#"1 | let ok = "🦀🦀"; größe.fehlt()"#]);
}

#[test]
fn a_front_end_is_told_whether_a_cell_is_whole() {
    use IsCompleteReplyStatus::{Complete, Incomplete, Invalid};
    let mut cells = Cells::with_library();
    for (code, expected) in [
        ("1 + 1", Complete),
        ("let x = 1;", Complete),
        ("fn f() {", Incomplete),
        ("let x = vec![1,", Incomplete),
        ("let s = \"open", Incomplete),
        ("let s = r#\"open\"", Incomplete),
        ("/* open", Incomplete),
        ("fn f() { } }", Invalid),
        (":vars", Complete),
        ("let c = '{';", Complete),
        ("// { open in a comment", Complete),
    ] {
        assert_eq!(cells.completeness(code), expected, "{code}");
    }
}

#[test]
fn what_a_cell_has_computed_before_it_failed_is_not_computed_again() {
    let mut cells = Cells::with_library();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("runs");
    cells.quietly(&[&format!(r#"let file = {:?};
fn mark(file: &str) {{ use std::io::Write; let mut f = std::fs::File::options().append(true).create(true).open(file).unwrap(); f.write_all(b"x").unwrap(); }}"#, file.to_str().unwrap())]);
    let runs = || fs::read_to_string(&file).unwrap_or_default().len();
    cells.fails("CompileError", "mark(file);\nlet n: u8 = \"\";");
    assert_eq!(runs(), 0, "a cell that does not compile does not run");
    cells.quietly(&[r"mark(file);
let list = vec![1]; let odd: Vec<_> = list.iter().map(|x| x + 1).collect(); let first = &list[0]; let add = |x: i32| x + first;"]);
    assert_eq!(runs(), 1, "types were found out without running the cell");
    cells.fails("Panic", "mark(file); panic!(\"x\")");
    cells.fails("Error", r#"mark(file); "x".parse::<u8>()?"#);
    assert_eq!(cells.value("mark(file); struct NoDebug; let x = list; x"), "[1]");
    assert_eq!(runs(), 4);
}

#[test]
fn many_cells_one_after_another_stay_quick() {
    let mut cells = Cells::with_library();
    cells.quietly(&["let mut total = 0_u64;"]);
    let begun = Instant::now();
    for n in 0..10 {
        cells.quietly(&[&format!(
            "let v{n} = vec![{n}; 3]; fn f{n}() -> u64 {{ {n} }} total += f{n}();"
        )]);
    }
    let each = begun.elapsed() / 10;
    assert_eq!(cells.value("total + v9[0] as u64 + v3[1] as u64"), "57");
    assert!(each < Duration::from_secs(5), "{each:?}");
}

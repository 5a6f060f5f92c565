//! How a notebook shows the last expression of a cell, whatever its type.
//!
//! [`show_value!`](crate::show_value) asks the compiler which of four ways there are, best first:
//!
//! 1. the display of a type with [`RichDisplay`];
//! 2. a method `evcxr_display` of the type itself, which shows the value on its own: what it shows
//!    becomes the value of the cell;
//! 3. the text of `Debug`, with lists in few lines; for an error in a `Result`, its message;
//! 4. a note that there is none.
//!
//! No trait can say "else", and the macro does not know types. So every step is a call of a method
//! that several traits offer for different depths of reference: the compiler takes the outermost
//! one that the type allows (autoref specialisation). What is generic here is thin, because it is
//! compiled anew in each cell.

use std::{
    any::type_name,
    fmt::{self, Debug, Display, Write},
    rc::Rc,
    sync::Arc,
};

use super::{
    MimeBundle, RichDisplay,
    channel::{Message, send},
    foreign::failure,
    mime::bundle_of,
    packed::{Excerpt, Packed},
};

/// A debug text shorter than this stays on one line.
const ONE_LINE: usize = 80;

/// Shows the value of an expression as the value of a cell: nothing for `()`, a table or a picture
/// where the type has one, else the text of `Debug`. The expression is only borrowed.
///
/// ```
/// let numbers = vec![1, 2, 3];
/// elbo::show_value!(numbers);
/// elbo::show_value!(elbo::ndarray::array![[1.0, 2.0], [3.0, 4.0]]);
/// assert_eq!(numbers.len(), 3);
/// ```
#[macro_export]
macro_rules! show_value {
    ($value:expr $(,)?) => {
        $crate::display::value::emit($crate::value_bundle!($value))
    };
}

/// The display that [`show_value!`](crate::show_value) sends, if there is one to send.
#[doc(hidden)]
#[macro_export]
macro_rules! value_bundle {
    ($value:expr) => {
        match &($value) {
            value => {
                // No type needs all of the steps.
                #[allow(unused_imports)]
                use $crate::display::value::{
                    Bundle as _, Known as _, NotShown, Pointee as _, Rest, Rich as _, Step,
                };
                // Third step: a method of this name that the type has of its own comes before that
                // of a trait. The trait is made here and not in the library: stock evcxr tries the
                // method on every value, and the compiler would tell it to import the trait.
                // A type with such a method of its own leaves the trait unused. It is one
                // reference away, so that a trait of another crate comes first, too.
                #[allow(dead_code)]
                trait EvcxrDisplay {
                    fn evcxr_display(&self) -> NotShown;
                }
                impl<T: ?Sized> EvcxrDisplay for &T {
                    fn evcxr_display(&self) -> NotShown {
                        NotShown
                    }
                }
                let value = value.elbo_known();
                // Twice: an iterator's item is soon a reference to a reference.
                let value = (&&Step(value)).pointee();
                let value = (&&Step(value)).pointee();
                let found = (&&Step(value)).rich_display();
                let own = $crate::display::value::own_display(&found);
                let shown = found.evcxr_display();
                ::core::mem::drop(own);
                (&&&&Rest(shown, value)).bundle()
            }
        }
    };
}

/// Sends a display as the value of the cell.
pub fn emit(bundle: Option<MimeBundle>) {
    if let Some(bundle) = bundle {
        bundle.emit_value();
    }
}

/// A value on its way through the steps.
pub struct Step<'a, T: ?Sized>(pub &'a T);

/// Before the first step: a method is called on the value itself, because that is where the compiler
/// finds an unknown type and says so in words about the cell, not about what stands here.
pub trait Known {
    /// The value itself.
    fn elbo_known(&self) -> &Self;
}

impl<T: ?Sized> Known for T {
    fn elbo_known(&self) -> &Self {
        self
    }
}

/// First step: what a pointer points to. Everything else stays.
pub trait Pointee {
    /// A reference.
    type Found;
    /// The value, or what it points to.
    fn pointee(&self) -> Self::Found;
}

macro_rules! pointee {
    ($($pointer:ty)+) => {
        $(
            impl<'a, T: ?Sized> Pointee for &Step<'a, $pointer> {
                type Found = &'a T;

                fn pointee(&self) -> &'a T {
                    self.0
                }
            }
        )+
    };
}

pointee!(&T &mut T Box<T> Rc<T> Arc<T>);

impl<'a, T: ?Sized> Pointee for Step<'a, T> {
    type Found = &'a T;

    fn pointee(&self) -> &'a T {
        self.0
    }
}

/// Second step: the display of a [`RichDisplay`]; else the value itself.
pub trait Rich {
    /// What goes on to the next step.
    type Next;
    /// The display, or the value.
    fn rich_display(&self) -> Self::Next;
}

/// A display that is found.
pub struct Found(MimeBundle);

impl<T: RichDisplay + ?Sized> Rich for &Step<'_, T> {
    type Next = Found;

    fn rich_display(&self) -> Found {
        Found(bundle_of(self.0))
    }
}

impl<'a, T: ?Sized> Rich for Step<'a, T> {
    type Next = &'a T;

    fn rich_display(&self) -> &'a T {
        self.0
    }
}

/// What the third step returns for a value that goes on to the last one.
pub struct NotShown;

impl Found {
    /// The display goes on.
    pub fn evcxr_display(self) -> Self {
        self
    }
}

/// What goes to the third step.
pub trait MayShow {
    /// Whether a method of the type itself may show the value there.
    const MAY_SHOW: bool;
}

impl MayShow for Found {
    const MAY_SHOW: bool = false;
}

impl<T: ?Sized> MayShow for &T {
    const MAY_SHOW: bool = true;
}

/// While it lives, what is shown is the value of the cell. The method of a type itself knows
/// nothing of that: it shows, and returns nothing.
pub struct OwnDisplay(());

/// To be kept during the third step.
pub fn own_display<N: MayShow>(_: &N) -> Option<OwnDisplay> {
    N::MAY_SHOW.then(OwnDisplay::begin)
}

impl OwnDisplay {
    fn begin() -> Self {
        send(&Message::BeginValue);
        Self(())
    }
}

impl Drop for OwnDisplay {
    fn drop(&mut self) {
        send(&Message::EndValue);
    }
}

/// What the third step returned, and the value.
pub struct Rest<'a, R, T: ?Sized>(pub R, pub &'a T);

/// Last step: the display, if it is not shown yet.
pub trait Bundle {
    /// The display, if there is one to send.
    fn bundle(&self) -> Option<MimeBundle>;
}

impl<T: Debug, E: Debug + Display> Bundle for &&&Rest<'_, NotShown, Result<T, E>> {
    fn bundle(&self) -> Option<MimeBundle> {
        match self.1 {
            Err(error) => Some(failure(error)),
            Ok(_) => Some(debug(&self.1)),
        }
    }
}

macro_rules! list {
    ($([$($length:tt)*] $list:ty)+) => {
        $(
            /// Only the values that are shown are asked for their text.
            impl<T: Debug, $($length)*> Bundle for &&&Rest<'_, NotShown, $list> {
                fn bundle(&self) -> Option<MimeBundle> {
                    Some(debug(&Excerpt(&self.1[..])))
                }
            }
        )+
    };
}

list!([] Vec<T> [] [T] [const N: usize] [T; N]);

impl<T: Debug + ?Sized> Bundle for &&Rest<'_, NotShown, T> {
    fn bundle(&self) -> Option<MimeBundle> {
        // A cell that ends with nothing has no value.
        (type_name::<T>() != "()").then(|| debug(&self.1))
    }
}

impl<T: ?Sized> Bundle for &Rest<'_, NotShown, T> {
    fn bundle(&self) -> Option<MimeBundle> {
        let name = type_name::<T>();
        Some(MimeBundle::new(format!("{name} has no Debug; derive it to see the value here")))
    }
}

impl<T: ?Sized> Bundle for &Rest<'_, Found, T> {
    fn bundle(&self) -> Option<MimeBundle> {
        Some(self.0.0.clone())
    }
}

impl<R, T: ?Sized> Bundle for Rest<'_, R, T> {
    /// The method of the third step has shown the value.
    fn bundle(&self) -> Option<MimeBundle> {
        None
    }
}

/// The text of `Debug`: one line if it is short, else the pretty form with lists in few lines.
fn debug(value: &dyn Debug) -> MimeBundle {
    let mut line = Short(String::new());
    if write!(line, "{value:?}").is_ok() {
        return MimeBundle::new(line.0);
    }
    let mut text = Packed::default();
    match write!(text, "{value:#?}") {
        Err(_) if !text.is_full() => MimeBundle::new("(no display: Debug failed)"),
        _ => MimeBundle::new(text.finish()),
    }
}

/// Text that takes no more than [`ONE_LINE`] allows.
struct Short(String);

impl Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.push_str(text);
        // Bytes are counted first: counting characters again and again would take long.
        let short = self.0.len() < ONE_LINE || self.0.chars().count() < ONE_LINE;
        if short { Ok(()) } else { Err(fmt::Error) }
    }
}

#[cfg(test)]
#[path = "value_tests.rs"]
mod tests;

//! What points to a value shows the value.

use std::{rc::Rc, sync::Arc};

use crate::{
    display::{MimeBundle, RichDisplay},
    error::Result,
};

macro_rules! forward {
    ($($pointer:ty)+) => {
        $(
            impl<T: RichDisplay + ?Sized> RichDisplay for $pointer {
                fn mime_bundle(&self) -> Result<MimeBundle> {
                    T::mime_bundle(self)
                }
            }
        )+
    };
}

forward!(&T &mut T Box<T> Rc<T> Arc<T>);

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn a_pointer_shows_what_it_points_to() {
        let array = array![1, 2];
        let want = array.mime_bundle().unwrap();
        let boxed: Box<dyn RichDisplay> = Box::new(array.clone());
        assert_eq!(boxed.mime_bundle().unwrap(), want);
        assert_eq!((&&array).mime_bundle().unwrap(), want);
        assert_eq!(Arc::new(array.clone()).mime_bundle().unwrap(), want);
        assert_eq!(Rc::new(array).mime_bundle().unwrap(), want);
    }
}

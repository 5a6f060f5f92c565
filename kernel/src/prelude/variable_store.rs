//! Where variables live from cell to cell.
//!
//! evcxr writes a store like this one into every cell, where it is compiled again and again: half
//! of the time that a small cell takes. This one is compiled once, with the model library, and
//! cells use it in the place of their own. Its interface is the one that evcxr's cells call.
//! Whatever does not depend on a variable's type stands in functions that no cell compiles.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

use super::cell_report;

/// Variables of any type, by name.
#[derive(Default)]
pub struct VariableStore {
    variables: HashMap<String, Box<dyn Any>>,
}

impl VariableStore {
    /// Keeps a variable.
    pub fn put_variable<T: 'static>(&mut self, name: &str, value: T) {
        self.put(name, Box::new(value));
    }

    /// Whether there is a variable of this name and type. Says so if not: a cell that has failed may
    /// not have kept it.
    pub fn check_variable<T: 'static>(&mut self, name: &str) -> bool {
        self.check(name, TypeId::of::<T>())
    }

    /// Hands a variable out.
    pub fn take_variable<T: 'static>(&mut self, name: &str) -> T {
        match self.take(name).downcast() {
            Ok(value) => *value,
            Err(_) => changed(name),
        }
    }

    /// A value that is made once and then shared; made again when it is to be of another type, as
    /// evcxr's executor is when the user has added another version of tokio.
    pub fn lazy_arc<T: 'static, F: FnOnce() -> T>(&mut self, name: &str, create: F) -> Arc<T> {
        let known = self.variables.get(name).and_then(|value| value.downcast_ref::<Arc<T>>());
        if let Some(value) = known {
            return Arc::clone(value);
        }
        let value = Arc::new(create());
        self.put(name, Box::new(Arc::clone(&value)));
        value
    }

    /// Takes over the variables of another store.
    pub fn merge(&mut self, other: Self) {
        self.variables.extend(other.variables);
    }

    #[inline(never)]
    fn put(&mut self, name: &str, value: Box<dyn Any>) {
        self.variables.insert(name.to_owned(), value);
    }

    #[inline(never)]
    fn check(&self, name: &str, kind: TypeId) -> bool {
        let fits = self.variables.get(name).is_some_and(|value| (**value).type_id() == kind);
        if !fits {
            cell_report::changed(name);
        }
        fits
    }

    #[inline(never)]
    fn take(&mut self, name: &str) -> Box<dyn Any> {
        match self.variables.remove(name) {
            Some(value) => value,
            None => panic!("the variable {name} has gone missing"),
        }
    }
}

/// Where the program comes to when it was not checked that a variable has the right type.
#[inline(never)]
fn changed(name: &str) -> ! {
    panic!("the variable {name} has changed its type")
}

/// A store that lives until the process ends.
#[inline(never)]
pub fn create_variable_store() -> *mut VariableStore {
    Box::into_raw(Box::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_kept_by_name_and_type() {
        let mut store = VariableStore::default();
        store.put_variable("x", 1_i32);
        store.put_variable("name", String::from("z"));
        assert!(store.check_variable::<i32>("x"));
        assert!(!store.check_variable::<u8>("unknown"));
        assert!(!store.check_variable::<u32>("x"));
        assert_eq!(store.take_variable::<i32>("x"), 1);
        assert_eq!(store.take_variable::<String>("name"), "z");
    }

    #[test]
    fn shared_values_are_made_once() {
        let mut store = VariableStore::default();
        let first = store.lazy_arc("runtime", || vec![1]);
        let second = store.lazy_arc("runtime", || vec![2]);
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(*store.lazy_arc("runtime", || "another type"), "another type");
    }

    #[test]
    fn a_store_takes_over_the_variables_of_another() {
        let (mut store, mut other) = (VariableStore::default(), VariableStore::default());
        store.put_variable("x", 1);
        other.put_variable("x", 2);
        store.merge(other);
        assert_eq!(store.take_variable::<i32>("x"), 2);
    }
}

//! Whether brackets, strings and comments are closed. The parsers at hand answer an unclosed
//! bracket and a superfluous one with the same error.

/// How the brackets of a piece of code stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brackets {
    /// All closed.
    Closed,
    /// A bracket, string or comment is still open.
    Open,
    /// One is closed that was not open.
    Wrong,
    /// More are open, or more signs stand before an expression, than a parser can hold in mind.
    Deep,
}

/// So many brackets may be open at once, and so many signs stand one behind the other. People write
/// five or ten; programs that write code, some dozens.
pub const DEEPEST: usize = 500;

/// Reads over the code without understanding more of it than strings and comments.
pub fn brackets(code: &str) -> Brackets {
    let mut open = Vec::new();
    let mut signs = 0;
    let mut rest = code;
    while let Some(next) = rest.chars().next() {
        signs = if "!-*&".contains(next) { signs + 1 } else { 0 };
        if open.len() > DEEPEST || signs > DEEPEST {
            return Brackets::Deep;
        }
        let Some(length) = skip(rest) else { return Brackets::Open };
        if length > 0 {
            rest = &rest[length..];
            continue;
        }
        match next {
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' if open.pop() != Some(next) => return Brackets::Wrong,
            _ => {}
        }
        rest = &rest[next.len_utf8()..];
    }
    if open.is_empty() { Brackets::Closed } else { Brackets::Open }
}

/// The length of the comment, string, character or name at the start: 0 if there is none, `None`
/// if it has no end.
fn skip(code: &str) -> Option<usize> {
    let first = code.chars().next()?;
    if code.starts_with("//") {
        return Some(code.find('\n').unwrap_or(code.len()));
    }
    if code.starts_with("/*") {
        return block_comment(code);
    }
    if let Some(hashes) = raw_string(code) {
        let start = code.find('"')? + 1;
        let end = format!("\"{}", "#".repeat(hashes));
        return Some(start + code[start..].find(&end)? + end.len());
    }
    match first {
        '"' => quoted(code),
        '\'' => Some(character(code)),
        _ if first.is_alphanumeric() || first == '_' => {
            // A whole name, so that its last letter is not taken for the prefix of a raw string.
            Some(code.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(code.len()))
        }
        _ => Some(0),
    }
}

fn block_comment(code: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < code.len() {
        let rest = &code[at..];
        let step = match () {
            () if rest.starts_with("/*") => {
                depth += 1;
                2
            }
            () if rest.starts_with("*/") => {
                depth -= 1;
                2
            }
            () => rest.chars().next()?.len_utf8(),
        };
        at += step;
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// How many hashes a raw string has, if one starts here.
fn raw_string(code: &str) -> Option<usize> {
    let rest = ["r", "br", "cr"].iter().find_map(|prefix| code.strip_prefix(prefix))?;
    let hashes = rest.bytes().take_while(|&byte| byte == b'#').count();
    rest[hashes..].starts_with('"').then_some(hashes)
}

fn quoted(code: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in code.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The length of a character literal, or of the quote alone where a lifetime starts.
fn character(code: &str) -> usize {
    let mut rest = code.char_indices().skip(1);
    let end = match rest.next() {
        Some((_, '\\')) => code[3.min(code.len())..].find('\'').map(|at| at + 4),
        Some((at, inner)) => {
            let at = at + inner.len_utf8();
            code[at..].starts_with('\'').then_some(at + 1)
        }
        None => None,
    };
    end.unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_comments_characters_and_lifetimes_hide_their_brackets() {
        let closed = [
            "f('(', '\\'', \")\", r#\"\"}\"#, br\"[\") // {",
            "/* ( /* [ */ */ fn f<'a>(x: &'a str) {}",
            "let ptr = \"\\\"(\";",
            "'µ'; 'x'",
        ];
        for code in closed {
            assert_eq!(brackets(code), Brackets::Closed, "{code}");
        }
    }

    #[test]
    fn open_and_wrong_brackets_are_told_apart() {
        for code in ["(", "{ \"a\" ", "\"a", "/* /* */", "r#\"a\"", "[ ( ]".trim_end_matches(']')] {
            assert_eq!(brackets(code), Brackets::Open, "{code}");
        }
        for code in [")", "(]", "fn f() }"] {
            assert_eq!(brackets(code), Brackets::Wrong, "{code}");
        }
        for (code, depth) in [("(", 502), ("[(", 300), ("!", 501)] {
            assert_eq!(brackets(&code.repeat(depth)), Brackets::Deep, "{code}");
        }
    }
}

//! Rust's tokens, as far as imports need them.
//!
//! Takes the text of a file, gives its names and marks with their lines; leaves out comments, literals and what is
//! compiled for tests only.

/// A name, `::`, or any other single character.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

/// All tokens of a text.
pub fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let (mut at, mut line) = (0, 1);
    let mut found = vec![];
    while at < chars.len() {
        let end = match chars[at] {
            '/' if chars.get(at + 1) == Some(&'/') => line_end(&chars, at),
            '/' if chars.get(at + 1) == Some(&'*') => comment_end(&chars, at),
            '"' => string_end(&chars, at),
            'r' | 'b' | 'c' if prefixed_string(&chars, at).is_some() => prefixed_string(&chars, at).unwrap_or(at + 1),
            '\'' => char_end(&chars, at),
            first if is_name(first) => {
                let end = (at..chars.len())
                    .find(|&end| !is_name(chars[end]))
                    .unwrap_or(chars.len());
                push(&mut found, &chars[at..end], line);
                end
            }
            ':' if chars.get(at + 1) == Some(&':') => {
                push(&mut found, &chars[at..at + 2], line);
                at + 2
            }
            other => {
                if !other.is_whitespace() {
                    push(&mut found, &chars[at..=at], line);
                }
                at + 1
            }
        };
        line += chars[at..end].iter().filter(|found| **found == '\n').count();
        at = end;
    }
    found
}

/// Takes what `#[cfg(test)]` stands before out of the tokens, and gives the names of such modules in other files.
pub fn take_tests(tokens: &mut Vec<Token>) -> Vec<String> {
    let mark = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut modules = vec![];
    let mut at = 0;
    while at + mark.len() < tokens.len() {
        let marked = tokens[at..].iter().zip(mark).all(|(token, mark)| token.text == mark);
        if !marked {
            at += 1;
            continue;
        }
        let end = item_end(tokens, at + mark.len());
        if let [.., keyword, name, semicolon] = &tokens[at..end]
            && keyword.text == "mod"
            && semicolon.text == ";"
        {
            modules.push(name.text.clone());
        }
        tokens.drain(at..end);
    }
    modules
}

/// Where the item that begins at `at` ends: after its `;`, or its closing brace.
fn item_end(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0_usize;
    let mut of_use = false;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        match token.text.as_str() {
            "use" if depth == 0 => of_use = true,
            "(" | "[" | "{" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && !of_use {
                    return index + 1;
                }
            }
            ";" if depth == 0 => return index + 1,
            _ => {}
        }
    }
    tokens.len()
}

fn push(found: &mut Vec<Token>, chars: &[char], line: usize) {
    let text = chars.iter().collect();
    found.push(Token { text, line });
}

fn is_name(found: char) -> bool {
    found.is_alphanumeric() || found == '_'
}

fn line_end(chars: &[char], at: usize) -> usize {
    (at..chars.len()).find(|&end| chars[end] == '\n').unwrap_or(chars.len())
}

/// Comments nest.
fn comment_end(chars: &[char], at: usize) -> usize {
    let (mut depth, mut end) = (1, at + 2);
    while depth > 0 && end < chars.len() {
        match (chars[end], chars.get(end + 1)) {
            ('/', Some('*')) => (depth, end) = (depth + 1, end + 2),
            ('*', Some('/')) => (depth, end) = (depth - 1, end + 2),
            _ => end += 1,
        }
    }
    end
}

fn string_end(chars: &[char], at: usize) -> usize {
    let mut end = at + 1;
    while end < chars.len() && chars[end] != '"' {
        end += if chars[end] == '\\' { 2 } else { 1 };
    }
    (end + 1).min(chars.len())
}

/// The end of `b"…"`, `r"…"`, `br#"…"#` and the like, if one begins here.
fn prefixed_string(chars: &[char], at: usize) -> Option<usize> {
    let quote = (at..chars.len().min(at + 12)).find(|&end| !matches!(chars[end], 'r' | 'b' | 'c' | '#'))?;
    if chars[quote] != '"' {
        return None;
    }
    let prefix = &chars[at..quote];
    if !prefix.contains(&'r') {
        return Some(string_end(chars, quote));
    }
    let hashes = prefix.iter().filter(|found| **found == '#').count();
    let closes =
        |end: usize| chars[end] == '"' && chars[end + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
    let end = (quote + 1..chars.len())
        .find(|&end| closes(end))
        .unwrap_or(chars.len() - 1);
    Some((end + 1 + hashes).min(chars.len()))
}

/// A character's end; a lifetime's is after its mark.
fn char_end(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        (Some('\\'), _) => (at + 3..chars.len())
            .find(|&end| chars[end] == '\'')
            .map_or(chars.len(), |end| end + 1),
        (Some(_), Some('\'')) => at + 3,
        _ => at + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn comments_and_literals_are_left_out() {
        let text = "a::b /* c /* d */ e */ // f\n'g' \"h \\\" i\" r#\"j \" k\"# b\"l\" '\\'' '\\u{61}' <'m> n";
        assert_eq!(texts(text), ["a", "::", "b", "<", "m", ">", "n"]);
        assert_eq!(tokens("\"a\nb\"\nc")[0].line, 3);
    }

    #[test]
    fn what_is_for_tests_only_is_taken_out() {
        let mut found = tokens(
            "use a;\n#[cfg(test)]\nmod tests {\n fn f() { g(); }\n}\n#[cfg(test)]\nuse b::{c, d};\n\
             #[cfg(test)]\n#[path = \"x\"]\nmod fixtures;\nmod e;",
        );
        assert_eq!(take_tests(&mut found), ["fixtures"]);
        let left: Vec<_> = found.iter().map(|token| token.text.as_str()).collect();
        assert_eq!(left, ["use", "a", ";", "mod", "e", ";"]);
    }
}

import CMark
import Foundation

/// CommonMark to HTML by libcmark in its safe mode, which leaves out raw HTML and links to scripts. No other file calls
/// that library.
enum Markdown {
  static func html(_ text: String) -> String {
    guard let html = cmark_markdown_to_html(text, text.utf8.count, CMARK_OPT_DEFAULT | CMARK_OPT_SAFE) else {
      return ""
    }
    defer { free(html) }
    return String(cString: html)
  }
}

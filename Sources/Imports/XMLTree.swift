import Basics
import Foundation
import FoundationXML

/// An element of an XML file, with its content and the line where it begins.
struct XMLTree: Equatable {
  var name: String
  var attributes: [String: String]
  var line: Int
  var children: [XMLTree] = []
  /// Its own text, with white space collapsed to single spaces.
  var text = ""

  subscript(attribute: String) -> String? { attributes[attribute] }

  /// The child elements of this name.
  func all(_ name: String) -> [XMLTree] { children.filter { $0.name == name } }

  /// - Throws: a `Problem` with its place if the data is not XML. Nothing outside the file is read.
  static func read(_ data: Data, file: String) throws -> XMLTree {
    let reader = Reader()
    let parser = XMLParser(data: data)
    parser.shouldResolveExternalEntities = false
    parser.delegate = reader
    guard parser.parse(), let root = reader.root else {
      throw Problem(
        "the file is not valid XML", at: Place(file: file, line: max(1, parser.lineNumber)),
        mend: reader.isTooDeep
          ? "Its elements are nested too deeply."
          : "Check that every element is closed, and that & and < are written as &amp; and &lt;.")
    }
    return root
  }

  private final class Reader: NSObject, XMLParserDelegate {
    var root: XMLTree?
    var isTooDeep = false
    private var open: [XMLTree] = []
    private static let deepest = 100

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      if open.count >= Self.deepest {
        isTooDeep = true
        return parser.abortParsing()
      }
      open.append(XMLTree(name: name, attributes: attributes, line: parser.lineNumber))
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
      if !open.isEmpty { open[open.count - 1].text += text }
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
      guard var done = open.popLast() else { return }
      done.text = done.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      if open.isEmpty { root = done } else { open[open.count - 1].children.append(done) }
    }
  }
}

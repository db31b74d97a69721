import Foundation

/// Files on disk, as tables and studies name them.
///
/// Unicode can write accented letters in several ways (é as one character, or as e and a combining accent), and
/// programs and file systems convert one into the other. Names that are the same text are the same name here. Names
/// that differ in capitals are not.
public enum NamedFile {
  /// The file that `path` names: an absolute path, or one relative to `folder`.
  ///
  /// If there is no file of exactly that name but one whose name is the same text, that is the file. If there is
  /// neither, the result is the path as written.
  public static func url(_ path: String, from folder: URL) -> URL {
    let plain = path.hasPrefix("/") ? URL(filePath: path) : folder.appending(path: path)
    guard access(plain.path, F_OK) != 0 else { return plain }
    return look(plain) { $0 == $1 } ?? plain
  }

  /// A fix to suggest for a path that leads nowhere: if a name on the path differs from one on disk only in capitals,
  /// the name as it is on disk.
  public static func lookalike(_ url: URL) -> String? {
    guard access(url.path, F_OK) != 0, let found = look(url, { folded($0) == folded($1) }) else { return nil }
    let (there, asked) = (found.pathComponents, url.pathComponents)
    guard let name = zip(there, asked).first(where: { $0 != $1 })?.0 else { return nil }
    return "There is '\(name)', which differs in capital letters: write it as on the disk."
  }

  private static func folded(_ name: String) -> String {
    name.folding(options: .caseInsensitive, locale: nil).precomposedStringWithCanonicalMapping
  }

  /// Walks down from the root: takes each name exactly as written, or else the only one in its folder that `same`
  /// considers equal.
  private static func look(_ url: URL, _ same: (String, String) -> Bool) -> URL? {
    var found = "/"
    for name in url.standardizedFileURL.pathComponents where name != "/" {
      let exact = found == "/" ? "/\(name)" : "\(found)/\(name)"
      if access(exact, F_OK) == 0 {
        found = exact
        continue
      }
      let names = (try? FileManager.default.contentsOfDirectory(atPath: found)) ?? []
      let alike = names.filter { same($0, name) }
      guard alike.count == 1 else { return nil }
      found = found == "/" ? "/\(alike[0])" : "\(found)/\(alike[0])"
    }
    return URL(filePath: found)
  }
}

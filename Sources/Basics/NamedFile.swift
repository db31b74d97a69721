import Foundation

/// Files on the disk, as tables and studies name them.
///
/// Letters with marks can be written in several ways in Unicode (é as one sign, or as e and an accent), and programs and
/// disks change one into the other: names that are the same text are the same name here. Capitals are not the same.
public enum NamedFile {
  /// The file that `path` names: an absolute path, or one that starts at `folder`.
  ///
  /// Where nothing stands there to the letter, but something of the same text does, that is the file. Where there is
  /// nothing at all, the address is the path as it is written.
  public static func url(_ path: String, from folder: URL) -> URL {
    let plain = path.hasPrefix("/") ? URL(filePath: path) : folder.appending(path: path)
    guard access(plain.path, F_OK) != 0 else { return plain }
    return look(plain) { $0 == $1 } ?? plain
  }

  /// What may be meant by a path at which nothing stands: where a name on the way differs in capitals alone, that name
  /// as the disk has it, as a mend.
  public static func lookalike(_ url: URL) -> String? {
    guard access(url.path, F_OK) != 0, let found = look(url, { folded($0) == folded($1) }) else { return nil }
    let (there, asked) = (found.pathComponents, url.pathComponents)
    guard let name = zip(there, asked).first(where: { $0 != $1 })?.0 else { return nil }
    return "There is '\(name)', whose name differs in capitals: write it as it is on the disk."
  }

  private static func folded(_ name: String) -> String {
    name.folding(options: .caseInsensitive, locale: nil).precomposedStringWithCanonicalMapping
  }

  /// Goes down from the root: each name to the letter, or else the only one of its folder that is the same to `same`.
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

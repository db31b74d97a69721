import Foundation

/// The one way in which files are read, whatever their paths lead to.
///
/// Links are followed, and only a plain file is read: opening a pipe would wait for its other end, a device may never
/// end, and what is read once (a table, for its rows) may be read again (for its hash). Nothing here blocks, so no path
/// in a table can make Earshot hang.
public enum InputFile {
  /// The size limit for reading a file into memory, in bytes (2 GiB): more than any table of ratings needs, and less
  /// than a machine's memory.
  public static let largest = 2 << 30

  /// Opens a file for reading. Returns a descriptor, which the caller closes, and the size in bytes (0 for a file whose
  /// content the system generates while it is read).
  /// - Parameters:
  ///   - name: what problems call the file. Its path, if nil.
  ///   - missing: what to throw if there is nothing at the path. The usual words, if nil.
  /// - Throws: a `Problem` that names the file.
  public static func open(_ url: URL, name: String? = nil, missing: Problem? = nil) throws -> (
    descriptor: CInt, size: Int
  ) {
    let place = Place(file: name ?? url.path)
    var status = stat()
    func refused(_ code: CInt) -> Problem {
      guard code != ENOENT, code != ENOTDIR else {
        if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: url.path) {
          return Problem("this is a link to '\(target)', which does not exist", at: place, mend: "Fix the link.")
        }
        return missing ?? Problem("there is no such file", at: place, mend: "Check the path.")
      }
      return Problem(
        "the file cannot be read: \(String(cString: strerror(code)))", at: place,
        mend: code == ELOOP ? "Its links lead in a circle." : "Check its permissions.")
    }
    // Checked before opening: merely opening a pipe wakes whoever waits at its other end, and some devices start when
    // opened.
    guard stat(url.path, &status) == 0 else { throw refused(errno) }
    if let kind = kind(status) { throw odd(kind, place) }
    let descriptor = Foundation.open(url.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw refused(errno) }
    guard fstat(descriptor, &status) == 0, kind(status) == nil else {
      close(descriptor)
      throw odd("something else", place)
    }
    return (descriptor, Int(status.st_size))
  }

  /// All bytes of a file.
  /// - Parameters:
  ///   - name: what problems call the file. Its path, if nil.
  ///   - missing: what to throw if there is nothing at the path. The usual words, if nil.
  ///   - largest: in bytes. A larger file is refused.
  /// - Throws: a `Problem` that names the file.
  public static func data(
    _ url: URL, name: String? = nil, missing: Problem? = nil, largest: Int = InputFile.largest
  ) throws -> Data {
    let (descriptor, size) = try open(url, name: name, missing: missing)
    defer { close(descriptor) }
    let place = Place(file: name ?? url.path)
    func tooLarge(_ size: Int) -> Problem {
      Problem(
        "the file has \(size) bytes, more than the \(largest) that can be read", at: place,
        mend: "Is this the right file?")
    }
    guard size <= largest else { throw tooLarge(size) }
    // Not memory-mapped: if another program truncates the file meanwhile, this one must not crash. One byte more
    // detects the end.
    var data = Data(count: size + 1), held = 0
    while true {
      if held == data.count { data.count += 1 << 20 }
      let got = data.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress! + held, $0.count - held) }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else {
        throw Problem(
          "the file cannot be read: \(String(cString: strerror(errno)))", at: place, mend: "Check the disk.")
      }
      if got == 0 { break }
      held += got
      guard held <= largest else { throw tooLarge(held) }
    }
    data.count = held
    return data
  }

  /// The whole text of a file in UTF-8 or UTF-16 (`TextBytes`).
  /// - Throws: a `Problem` that names the file.
  public static func text(_ url: URL) throws -> String {
    try TextBytes.text(of: data(url), file: url.path)
  }

  /// Checks a file that another library will open by its path.
  /// - Throws: a `Problem` where there is no plain file that can be read.
  public static func check(_ url: URL) throws { close(try open(url).descriptor) }

  /// What the path leads to, or nil if it is a plain file.
  private static func kind(_ status: stat) -> String? {
    switch status.st_mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a folder"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }

  private static func odd(_ kind: String, _ place: Place) -> Problem {
    Problem(
      "this is \(kind), not a file", at: place,
      mend: kind == "a pipe" ? "Write what comes through it into a file, and name that." : "Check the path.")
  }
}

import Foundation

/// Writes results, whatever is already at their path.
///
/// A file appears under its name only once it is complete; until then, what was there before stays. Only a plain file
/// is ever replaced: a symbolic link stays, and its target is written. Output to a device, a pipe or a socket is
/// written into it as it comes.
public enum OutputFile {
  /// What is at a path, after following links.
  private enum Standing {
    /// A file with these permissions, or nothing yet (nil).
    case file(URL, mode: mode_t?)
    /// A device, a pipe or a socket.
    case stream(URL)
  }

  /// Writes what `body` passes to its sink, piece by piece.
  /// - Throws: `Problem` that names the file, and whatever `body` throws.
  public static func write(_ url: URL, _ body: (_ sink: @escaping (Data) throws -> Void) throws -> Void) throws {
    switch try standing(url) {
    case .stream(let target):
      let descriptor = open(target.path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw unwritable(url) }
      try fill(descriptor, url, isFile: false, body)
    case .file(let target, let mode):
      let part = partOf(target)
      unlink(part.path)
      let descriptor = open(part.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw unwritable(url) }
      if let mode { fchmod(descriptor, mode) }
      do {
        try fill(descriptor, url, isFile: true, body)
        guard rename(part.path, target.path) == 0 else {
          throw Problem("cannot replace the file", at: Place(file: url.path), mend: "Check its permissions.")
        }
      } catch {
        unlink(part.path)
        throw error
      }
    }
  }

  /// Writes a whole file.
  /// - Throws: `Problem` that names the file.
  public static func write(_ data: Data, to url: URL) throws { try write(url) { try $0(data) } }

  /// Writes a text in UTF-8.
  /// - Throws: `Problem` that names the file.
  public static func write(_ text: String, to url: URL) throws { try write(Data(text.utf8), to: url) }

  /// The file itself that `url` stands for, after following links; it need not exist yet. For output that must be moved
  /// into place whole, or be read again there.
  /// - Throws: `Problem` if there is something other than a file.
  public static func file(_ url: URL) throws -> URL {
    guard case .file(let target, _) = try standing(url) else {
      throw Problem(
        "this is a device, a pipe or a socket, not a file", at: Place(file: url.path),
        mend: "Choose another path.")
    }
    return target
  }

  /// Removes what an earlier run left, so that it is not read along with half of a new result: the file behind all
  /// links. Links themselves, devices, pipes and sockets stay.
  public static func discard(_ url: URL) throws {
    guard case .file(let target, mode: .some) = try standing(url) else { return }
    guard unlink(target.path) == 0 else { throw unwritable(url) }
  }

  /// The temporary file beside the target, which grows until it is complete.
  private static func partOf(_ target: URL) -> URL {
    target.deletingLastPathComponent().appending(path: ".\(target.lastPathComponent).part")
  }

  private static func fill(
    _ descriptor: CInt, _ url: URL, isFile: Bool, _ body: (_ sink: @escaping (Data) throws -> Void) throws -> Void
  ) throws {
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try body { try handle.write(contentsOf: $0) }
      if isFile { try handle.synchronize() }
      try handle.close()
    } catch {
      guard (error as NSError).domain == NSPOSIXErrorDomain || error is CocoaError else { throw error }
      throw Problem(
        "it could not be written completely: \(error.localizedDescription)", at: Place(file: url.path),
        mend: isFile ? "Is the disk full? The previous file is unchanged." : "Is anything reading at the other end?")
    }
  }

  private static func unwritable(_ url: URL) -> Problem {
    Problem(
      "cannot write here: \(String(cString: strerror(errno)))", at: Place(file: url.path),
      mend: "Check that the folder exists and is yours.")
  }

  private static func standing(_ url: URL) throws -> Standing {
    var path = url.path
    // As many links as the kernel itself follows.
    for _ in 0..<40 {
      var status = stat()
      guard lstat(path, &status) == 0 else { return .file(URL(filePath: path), mode: nil) }
      switch status.st_mode & S_IFMT {
      case S_IFREG: return .file(URL(filePath: path), mode: status.st_mode & 0o777)
      case S_IFLNK:
        guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else {
          throw unwritable(url)
        }
        path =
          target.hasPrefix("/")
          ? target : URL(filePath: path).deletingLastPathComponent().appending(path: target).path
      case S_IFDIR:
        throw Problem("this is a folder", at: Place(file: url.path), mend: "Choose another name for the file.")
      default: return .stream(URL(filePath: path))
      }
    }
    throw Problem("the link leads back to itself", at: Place(file: url.path), mend: "Remove it.")
  }
}

import Foundation

/// A folder that only one process at a time may use in some way, told by a lock on a file in it. The lock is held as
/// long as the value lives, and ends with the process, however that ends.
public final class FolderLock: Sendable {
  private let descriptor: CInt

  /// - Parameters:
  ///   - name: of the file, which is made if it is missing and stays, empty, afterwards.
  ///   - waits: until whoever holds the lock is done with it.
  /// - Returns: nil where another process, or another value in this one, holds the lock and it does not wait.
  /// - Throws: `Problem` where the file cannot be made.
  public init?(_ folder: URL, name: String, waits: Bool = false) throws {
    let path = folder.appending(path: name).path
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Problem(
        "the folder cannot be locked: \(String(cString: strerror(errno)))", at: Place(file: path),
        mend: "Check that the folder is yours.")
    }
    var isHeld = false
    repeat { isHeld = flock(descriptor, waits ? LOCK_EX : LOCK_EX | LOCK_NB) == 0 } while !isHeld && errno == EINTR
    guard isHeld else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
  }

  /// Waits until nobody else holds the folder itself, without a file in it. Two that write a set of files at the same
  /// time then write one set after the other.
  /// - Throws: `Problem` where the folder cannot be locked.
  public init(waitingFor folder: URL) throws {
    let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    var isHeld = false
    if descriptor >= 0 { repeat { isHeld = flock(descriptor, LOCK_EX) == 0 } while !isHeld && errno == EINTR }
    guard isHeld else {
      let why = String(cString: strerror(errno))
      if descriptor >= 0 { close(descriptor) }
      throw Problem(
        "the folder cannot be locked: \(why)", at: Place(file: folder.path), mend: "Check that the folder is yours.")
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}

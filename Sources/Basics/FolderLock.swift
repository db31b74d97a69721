import Foundation

/// Keeps a folder to one process at a time for some purpose, by a lock on a file in it. The lock is held as long as the
/// value lives, and ends with the process, however that ends.
public final class FolderLock: Sendable {
  private let descriptor: CInt

  /// - Parameters:
  ///   - name: the lock file's name. The file is created if it is missing, stays empty, and is never removed.
  ///   - waits: whether to wait until the current holder releases the lock.
  /// - Returns: nil if `waits` is false and another process, or another value in this one, holds the lock.
  /// - Throws: `Problem` if the lock file cannot be created.
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

  /// Locks the folder itself, without a file in it, waiting until nobody else holds it. Two processes that write a set
  /// of files at the same time thus write one set after the other.
  /// - Throws: `Problem` if the folder cannot be locked.
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

  deinit {
    // A program that is just being started holds the same descriptor until it runs, and with it the lock.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}

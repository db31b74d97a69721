import Basics
import Foundation
import Stimuli
import Study

/// A folder with the parcels of trials, which a web server or a content network sends (`--sounds-base`).
///
/// A parcel is written when it is first requested, and then serves all listeners. Each page has several copies, with its
/// sounds in a different order under a different key. A session that shows a page again gets another copy, so within a
/// session nothing is sent twice, as when Earshot sends the sounds itself. Names and orders are made with a key that never
/// leaves the records: they reveal neither what is in a copy nor which copies belong to the same page. Servers that share
/// their records and their study make the same files. `docs/hosting.md` says what can be seen over many sessions.
struct Depot: Sendable {
  /// A copy of a page's parcel.
  struct Copy: Sendable {
    var name: String
    var key: Data
    /// Which of the trial's sounds is at each place.
    var order: [Int]
  }

  private let folder: URL
  /// The address without a slash at its end, and its path.
  private let base, path: String
  private let secret: String
  private let key: Data
  /// The size of each parcel, in bytes.
  private let size: Int
  /// The origin of the address, if it differs from the server's.
  let origin: String?
  /// The minimum number of copies per page; there are more if a session shows the page more often.
  private static let copies = 4

  /// - Parameters:
  ///   - base: the address of the folder, complete or from the host's root.
  ///   - folder: created if it is missing. Everybody may read what is written there.
  ///   - secret: the secret by which the web server checks addresses.
  ///   - key: the key of the records.
  ///   - size: the size of each parcel, in bytes.
  /// - Throws: a `Problem` if nothing can be written there.
  init(base: String, folder: URL, secret: String, key: Data, size: Int) throws {
    var base = base
    while base.hasSuffix("/") { base.removeLast() }
    let parts = URLComponents(string: base)
    (self.base, path, self.folder) = (base, parts?.path ?? "", folder)
    origin = parts?.scheme.map { scheme in
      "\(scheme)://\(parts?.host ?? "")\(parts?.port.map { ":\($0)" } ?? "")"
    }
    (self.secret, self.key, self.size) = (secret, key, size)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      chmod(folder.path, 0o755)
    } catch {}
    guard access(folder.path, W_OK) == 0 else {
      let reason = errno
      throw Problem(
        "the folder of sounds cannot be written: \(String(cString: strerror(reason)))", at: Place(file: folder.path),
        mend: reason == EROFS
          ? "The folder is read-only here. For a systemd service, allow it with ReadWritePaths (docs/hosting.md)."
          : "Create the folder that --sounds-folder names, and make sure that you own it.")
    }
  }

  /// The copies that a session plays, by the index of the trial.
  func copies(of plan: Plan, token: String, _ stage: Stage) -> [Int: Copy] {
    func hashes(_ trial: Trial) -> [String] { trial.sounds.map { stage.sound($0)?.hash ?? "" } }
    // By what is heard, whatever it is called: the same content never gets the same copy twice.
    let pages = Dictionary(grouping: plan.trials) { "\(size) \(hashes($0).sorted().joined(separator: " "))" }
    var copies: [Int: Copy] = [:]
    for (content, trials) in pages {
      let first = Int(number("first \(token) \(content)") % UInt64(Self.copies))
      for (use, trial) in trials.enumerated() {
        let copy = "\((first + use) % max(Self.copies, trials.count)) \(content)"
        var random = SeededRandom(seed: number("order \(copy)"))
        let hashes = hashes(trial)
        let places = hashes.indices.sorted { (hashes[$0], $0) < (hashes[$1], $1) }
        copies[trial.index] = Copy(
          name: Secret.urlText(Secret.authenticate("name \(copy)", key: key).prefix(18)),
          key: Secret.authenticate("key \(copy)", key: key), order: random.shuffled(places))
      }
    }
    return copies
  }

  private func number(_ what: String) -> UInt64 {
    Secret.authenticate(what, key: key).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The address of a copy for the next hour or two. It stays the same for an hour.
  /// - Parameter items: the trial's sounds.
  /// - Throws: what `Parcel` throws, and a `Problem` if it cannot be written.
  func address(of copy: Copy, _ items: [Parcel.Item], at now: Date) throws -> String {
    let file = folder.appending(path: copy.name)
    var status = stat()
    if stat(file.path, &status) != 0 || Int(status.st_size) != size {
      try write(
        Parcel(key: copy.key, items: copy.order.map { items[$0] }, size: size).bytes(0..<size), to: file)
    }
    let expires = (Int(now.timeIntervalSince1970) / 3600 + 2) * 3600
    // libsodium has no MD5, and OpenSSL, which has, refuses it on machines that keep to FIPS: so it is the house's own.
    let code = Secret.urlText(MD5.hash(Data("\(expires)\(path)/\(copy.name) \(secret)".utf8)))
    return "\(base)/\(copy.name)?md5=\(code)&expires=\(expires)"
  }

  /// Writes a file completely or not at all, even if several servers write it at once. All files have the same time, since
  /// the web server may reveal when they were made.
  private func write(_ data: Data, to file: URL) throws {
    let part = folder.appending(path: ".\(Secret.urlText(Secret.random(12)))")
    let descriptor = open(part.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    let problem = Problem(
      "a parcel of sounds cannot be written", at: Place(file: file.path), mend: "Check that the disk has room for it.")
    guard descriptor >= 0 else { throw problem }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try handle.write(contentsOf: data)
      let time = timespec(tv_sec: 946_684_800, tv_nsec: 0)
      guard fchmod(descriptor, 0o644) == 0, futimens(descriptor, [time, time]) == 0, fsync(descriptor) == 0,
        rename(part.path, file.path) == 0
      else { throw problem }
    } catch {
      unlink(part.path)
      throw problem
    }
  }
}

import Basics
import Foundation

/// Somebody who runs a study under their own name.
public struct LabUser: Codable, Sendable, Equatable {
  /// What somebody may do.
  public enum Role: String, Codable, Sendable, CaseIterable {
    /// All of it.
    case owner
    /// Look, and download tables.
    case reader
  }

  /// Small letters, digits, dots, hyphens and underscores.
  public var name: String
  /// A change takes effect at once, also for somebody who is signed in.
  public var role: Role
  /// As `Password` makes it.
  public var password: String

  public init(name: String, role: Role, password: String) {
    self.name = name
    self.role = role
    self.password = password
  }

  /// Whether a name is of at most 40 lower-case letters, digits, dots, hyphens and underscores, the first one a letter or digit.
  public static func isName(_ text: String) -> Bool { text.wholeMatch(of: /[a-z0-9][a-z0-9._-]{0,39}/) != nil }
}

/// Those who run a study under their own names: the file `lab-users.json` of its data folder, which a running server reads
/// again when it changes.
public struct LabUsers: Codable, Sendable, Equatable {
  /// In the data folder. Only its owner can read it.
  public static let fileName = "lab-users.json"
  /// In the order of their names, each name once.
  public private(set) var users: [LabUser] = []

  /// The users of a data folder; nobody if the file is missing.
  /// - Throws: a `Problem` if it cannot be read.
  public init(in folder: URL) throws {
    let file = folder.appending(path: LabUsers.fileName)
    guard FileManager.default.fileExists(atPath: file.path) else { return }
    let data = try InputFile.data(file, largest: 1 << 20)
    do { self = try JSONDecoder().decode(LabUsers.self, from: data) } catch {
      throw Problem(
        "the list of the lab's users cannot be read", at: Place(file: file.path),
        mend: "Delete it, and add them again with 'earshot lab-users add'.")
    }
  }

  /// The user of this name; nil if there is none.
  public func user(_ name: String) -> LabUser? { users.first { $0.name == name } }

  /// Adds a user, replacing one of the same name.
  public mutating func put(_ user: LabUser) {
    users.removeAll { $0.name == user.name }
    users.append(user)
    users.sort { $0.name < $1.name }
  }

  /// - Returns: false if there is no such name.
  public mutating func remove(_ name: String) -> Bool {
    let count = users.count
    users.removeAll { $0.name == name }
    return users.count < count
  }

  /// Changes the file of a data folder. Simultaneous changes happen one after the other. Only its owner can read it.
  public static func change(in folder: URL, _ change: (inout LabUsers) throws -> Void) throws {
    let lock = try FolderLock(waitingFor: folder)
    defer { withExtendedLifetime(lock) {} }
    var users = try LabUsers(in: folder)
    try change(&users)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let file = folder.appending(path: fileName)
    let fresh = folder.appending(path: ".\(fileName).new")
    let data = try encoder.encode(users) + Data("\n".utf8)
    unlink(fresh.path)
    let descriptor = open(fresh.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Problem(
        "the list of the lab's users cannot be written: \(String(cString: strerror(errno)))",
        at: Place(file: file.path), mend: "Check that the folder is yours.")
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try handle.write(contentsOf: data)
    try handle.synchronize()
    // Where root adds somebody to a study that is served by a user of its own, that user has to read it.
    var owner = stat()
    if geteuid() == 0, stat(folder.path, &owner) == 0 { fchown(descriptor, owner.st_uid, owner.st_gid) }
    guard rename(fresh.path, file.path) == 0 else {
      throw Problem(
        "the list of the lab's users cannot be replaced: \(String(cString: strerror(errno)))",
        at: Place(file: file.path), mend: "Check that the folder is yours.")
    }
  }
}

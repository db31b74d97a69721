import ArgumentParser
import Basics
import Foundation
import Lab

struct LabUsersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lab-users",
    abstract: "Manage who may run a study, by name and password.",
    discussion: """
      Anyone who has the study's secret can do everything. Other people get names, and sign in on the experimenter's \
      page: an owner can do everything; a reader can look and download tables. Passwords are stored as hashes (Argon2id) \
      in lab-users.json in the data folder. A running server applies every change at once: removing someone, or giving \
      them a new password, signs them out.

      Examples:
        earshot lab-users add my-study ada
        earshot lab-users add my-study grace --role reader
        earshot lab-users list my-study
        earshot lab-users remove my-study ada
      """,
    subcommands: [Add.self, Remove.self, List.self])

  /// The study or house whose data it is.
  struct Place: ParsableArguments {
    @Argument(help: ArgumentHelp("The study's folder.", valueName: "study"))
    var study: String

    @Option(help: ArgumentHelp("The data folder (default: data in the study's folder).", valueName: "folder"))
    var data: String?

    func folder() throws -> URL { try DataFolder(study: study, data: data).url }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add a user, or change a user's password or role.",
      discussion: """
        Asks for the password twice. If standard input is not a terminal, its first line is the password.

        Example:
          earshot lab-users add my-study ada --role reader < password.txt
        """)

    @OptionGroup var place: Place

    @Argument(help: "Small letters, digits, dots, hyphens and underscores.")
    var name: String

    @Option(help: "owner: everything; reader: look, and download tables.")
    var role = LabUser.Role.owner

    func validate() throws {
      guard LabUser.isName(name) else {
        throw ValidationError(
          "'\(name)' is not a valid name: use small letters, digits, dots, hyphens and underscores.")
      }
    }

    func run() throws {
      OwnFiles.only()
      let folder = try place.folder()
      let password = try PasswordPrompt.ask(for: name)
      let user = LabUser(name: name, role: role, password: try Password.hash(password))
      var isKnown = false
      try LabUsers.change(in: folder) {
        isKnown = $0.user(name) != nil
        $0.put(user)
      }
      print("\(name) is \(role == .owner ? "an owner" : "a reader")\(isKnown ? " now, with this password" : "").")
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Remove a user, and sign them out at once.")

    @OptionGroup var place: Place

    @Argument(help: "The name, as 'earshot lab-users list' shows it.")
    var name: String

    func run() throws {
      OwnFiles.only()
      let folder = try place.folder()
      try LabUsers.change(in: folder) { users in
        guard users.remove(name) else {
          throw Problem(
            "there is no '\(name)' among the lab's users",
            at: Basics.Place(file: folder.appending(path: LabUsers.fileName).path),
            mend: Suggestion.didYouMean(name, among: users.users.map(\.name))
              ?? "'earshot lab-users list' has them all.")
        }
      }
      print("\(name) is removed.")
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the users, with their roles.")

    @OptionGroup var place: Place

    func run() throws {
      let users = try LabUsers(in: place.folder()).users
      guard !users.isEmpty else { return print("Nobody: only the study's secret opens the experimenter's page.") }
      let width = users.map(\.name.count).max() ?? 0
      for user in users {
        print("\(user.name.padding(toLength: width, withPad: " ", startingAt: 0))  \(user.role.rawValue)")
      }
    }
  }
}

extension LabUser.Role: ExpressibleByArgument {}

/// Asks for a new password.
private enum PasswordPrompt {
  static func ask(for name: String) throws -> String {
    guard isatty(STDIN_FILENO) == 1 else { return try checked(readLine() ?? "") }
    let password = try checked(hidden("Password of \(name): "))
    guard hidden("Once more: ") == password else {
      throw Problem("the two passwords are not the same", mend: "Nothing was changed; try again.")
    }
    return password
  }

  private static func checked(_ password: String) throws -> String {
    guard Password.lengths.contains(password.count) else {
      throw Problem(
        "the password has \(password.count, "character")",
        mend:
          "Use \(Password.lengths.lowerBound) to \(Password.lengths.upperBound), such as four unrelated words."
      )
    }
    return password
  }

  /// Reads a line that the terminal does not show.
  private static func hidden(_ prompt: String) -> String {
    FileHandle.standardError.write(Data(prompt.utf8))
    var shown = termios()
    tcgetattr(STDIN_FILENO, &shown)
    var silent = shown
    silent.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
    defer {
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
      FileHandle.standardError.write(Data("\n".utf8))
    }
    return readLine() ?? ""
  }
}

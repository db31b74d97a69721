import Basics
import Records

/// Looks at the records of a PostgreSQL without changing anything.
public enum PostgresCheckup {
  /// - Parameter address: as of `PostgresStorage`.
  public static func full(_ address: String) -> [CheckResult] {
    let place = Place(file: PostgresStorage.shown(address))
    func problem(_ error: any Error) -> Problem {
      error as? Problem
        ?? Problem(
          "the records cannot be read: \(error)", at: place,
          mend: "Check the address, the role's rights (docs/postgresql.md), and that the database is up.")
    }
    let connection: PostgresConnection
    let version: Int?
    do {
      connection = try PostgresConnection(address)
      version = try PostgresSchema.version(connection)
    } catch { return [CheckResult("reached, and written by this version of Earshot", [problem(error)])] }
    guard let version else { return [CheckResult("reached, but no records yet")] }
    do {
      if try !PostgresSchema.isCurrent(version) {
        throw Problem(
          "the tables are from an older Earshot (\(version) of \(PostgresSchema.last))", at: place,
          mend: "The next start of 'earshot serve' brings them up to date.")
      }
    } catch { return [CheckResult("reached, and written by this version of Earshot", [problem(error)])] }
    var findings = [CheckResult("reached, and written by this version of Earshot (tables of version \(version))")]
    do {
      try PostgresSchema.check(connection)
      findings.append(
        CheckResult("acknowledged answers survive a power cut (fsync, full_page_writes, synchronous_commit)"))
    } catch { findings.append(CheckResult("acknowledged answers survive a power cut", [problem(error)])) }
    do {
      connection.later(PostgresStatement(sql: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"))
      findings += try Consistency.check(
        PostgresTransaction(connection, part: 0), place: place,
        mend: "Restore a backup of the database, and keep this one until that is done.")
      _ = try connection.ask("COMMIT")
    } catch { findings.append(CheckResult("rows and counts", [problem(error)])) }
    return findings
  }
}

import Basics
import Foundation

extension Findings {
  /// Writes report.html, results.json and a CSV file for each table into a folder, which is made if need be.
  /// - Returns: the files, the report first.
  @discardableResult
  public func write(to folder: URL) throws -> [URL] {
    do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
      throw Problem("cannot make this folder", at: Place(file: folder.relativePath), mend: "Choose another with --out.")
    }
    let report = folder.appending(path: "report.html"), results = folder.appending(path: "results.json")
    do {
      try Data(Report(self).html.utf8).write(to: report, options: .atomic)
      try Data(json.utf8).write(to: results, options: .atomic)
    } catch {
      throw Problem("cannot write here", at: Place(file: folder.relativePath), mend: "Check that the folder is yours.")
    }
    var files = [report, results]
    for table in tables {
      let url = folder.appending(path: "\(table.name).csv")
      try TableWriter.write(url, columns: table.columns.map(\.key)) { writer in
        for row in table.rows { try writer.row(row) }
      }
      files.append(url)
    }
    return files
  }
}

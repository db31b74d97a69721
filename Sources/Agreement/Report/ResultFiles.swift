import Foundation
import Reporting

extension Findings {
  /// Writes report.html, results.json and one CSV file per table to a folder, which is created if necessary.
  /// - Returns: the files, the report first.
  @discardableResult
  public func write(to folder: URL) throws -> [URL] {
    try ResultFiles.write(page: Report(self).html, json: json, tables: tables, to: folder)
  }
}

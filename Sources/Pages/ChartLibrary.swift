import Basics
import Foundation

/// Vega (BSD-3-Clause) as installed by Debian's libjs-vega, with one file per module. The modules are embedded in pages
/// so that these open offline. Debian packages Vega but not Vega-Lite, so charts are written in plain Vega. Vega's
/// interpreter module evaluates expressions without `eval`, so a page can forbid that.
public struct ChartLibrary: Sendable {
  /// In the order in which they depend on one another.
  public static let modules = [
    "util", "dataflow", "loader", "format", "time", "scale", "statistics", "transforms", "scenegraph", "canvas",
    "functions", "runtime", "parser", "view", "view-transforms", "encode", "expression", "event-selector", "selection",
    "interpreter",
  ]

  /// JavaScript that defines `chartModules`, with a function of `exports, require, module` for each module.
  public let script: String

  /// Nil if the package is not installed. `EARSHOT_VEGA` names a different folder.
  public init?(folder: URL? = nil) {
    let folder =
      folder
      ?? URL(filePath: ProcessInfo.processInfo.environment["EARSHOT_VEGA"] ?? "/usr/share/javascript/vega")
    var parts = ["const chartModules = {};"]
    for module in Self.modules {
      guard let code = try? InputFile.text(folder.appending(path: "vega-\(module).min.js")) else {
        return nil
      }
      // A closing tag inside a string would end the script element. In JavaScript, both spellings mean the same.
      let safe = code.replacing("</script", with: "<\\/script").replacing("//# sourceMappingURL", with: "// map")
      parts.append("chartModules[\"vega-\(module)\"] = function (exports, require, module) {\(safe)\n};")
    }
    script = parts.joined(separator: "\n")
  }
}

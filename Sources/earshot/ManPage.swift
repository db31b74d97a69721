import ArgumentParser
import Basics
import Foundation

/// The manual page, section 1, made from each command's `--help`.
enum ManPage {
  /// The argument parser's description of a command, as far as the page needs it.
  private struct Command: Decodable {
    var commandName: String
    var abstract: String?
    var discussion: String?
    var superCommands: [String]?
    var subcommands: [Command]?
    var arguments: [Argument]?
  }

  private struct Argument: Decodable {
    struct Name: Decodable { var kind, name: String }
    var kind: String
    var shouldDisplay: Bool
    var isOptional: Bool
    var names: [Name]?
    var valueName: String?
    var abstract: String?
    var defaultValue: String?
  }

  private struct Tool: Decodable { var command: Command }

  static func text() throws -> String {
    let tool = try JSONDecoder().decode(Tool.self, from: Data(Earshot._dumpHelp().utf8)).command
    var lines = [
      ".TH EARSHOT 1 \"\" \"earshot \(Earshot.configuration.version)\" \"User commands\"", ".SH NAME",
      "earshot \\- \(escaped(tool.abstract ?? ""))", ".SH SYNOPSIS", ".B earshot", ".I command", "[words]",
      ".SH COMMANDS",
    ]
    // The parser adds its own `help` behind ours.
    var told: Set<String> = []
    for command in tool.subcommands ?? [] where told.insert(command.commandName).inserted { lines += section(command) }
    lines += [
      ".SH FILES", ".TP", ".I study/study.yaml", "The definition of a study; 'earshot help study' explains every key.",
      ".TP",
      ".I study/data", "The collected answers, the prepared sounds, and the experimenter's secret.", ".SH ENVIRONMENT",
      ".TP",
      ".B EARSHOT_HOME",
      "The folder that contains the pages (Public) and ready studies, if the program does not find it by its own location.",
      ".SH EXIT STATUS",
      "0: success. 1: something is wrong with the input. 64: the command was not understood.",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func section(_ command: Command) -> [String] {
    let name = ((command.superCommands ?? []) + [command.commandName]).joined(separator: " ")
    let shown = (command.arguments ?? []).filter { $0.shouldDisplay && !isOfAll($0) }
    let usage = shown.map { argument in
      let words = label(argument)
      return argument.isOptional ? "[\(words)]" : words
    }
    var lines = [".SS \(escaped(name))", escaped(command.abstract ?? ""), ".PP", ".B \(escaped(name))"]
    lines += usage.map { escaped($0) }
    lines += paragraphs(command.discussion ?? "")
    for argument in shown {
      lines += [".TP", ".B \(escaped(label(argument)))"]
      let standard = argument.defaultValue.map { " (default: \($0))" } ?? ""
      lines.append(escaped((argument.abstract ?? "") + standard))
    }
    return lines + (command.subcommands ?? []).flatMap { section($0) }
  }

  /// The options that every command has.
  private static func isOfAll(_ argument: Argument) -> Bool {
    (argument.names ?? []).contains { ["help", "version"].contains($0.name) }
  }

  private static func label(_ argument: Argument) -> String {
    let value = "<\(argument.valueName ?? "value")>"
    let names = (argument.names ?? []).map { ($0.kind == "short" ? "-" : "--") + $0.name }.joined(separator: ", ")
    switch argument.kind {
    case "positional": return value
    case "option": return "\(names) \(value)"
    default: return names
    }
  }

  /// Text with its line breaks: indented text is shown line by line.
  private static func paragraphs(_ text: String) -> [String] {
    guard !text.isEmpty else { return [] }
    var (lines, isKept) = ([".PP"], false)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let keeps = line.hasPrefix(" ")
      if keeps != isKept { lines.append(keeps ? ".PP\n.nf" : ".fi") }
      isKept = keeps
      lines.append(line.isEmpty ? ".PP" : escaped(String(line)))
    }
    return lines + (isKept ? [".fi"] : [])
  }

  /// Escapes text, so that roff does not take it for a command.
  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\e").replacing("-", with: "\\-").split(
      separator: "\n", omittingEmptySubsequences: false
    )
    .map { $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&\($0)" : String($0) }.joined(separator: "\n")
  }
}

/// A column as it is declared: its name, what it holds and what it means, in the words of a Frictionless table schema.
public struct TableField: Sendable, Encodable {
  /// What values of the column are bound to.
  public struct Constraints: Sendable, Encodable {
    public var required: Bool?
    public var unique: Bool?
    public var minimum: Double?
    public var `enum`: [String]?
  }

  /// What its cells hold, in the words of a table schema.
  public enum Kind: String, Sendable, Encodable { case string, integer, number, boolean, date, datetime }

  public var name: String
  public var type: Kind
  public var description: String
  public var constraints: Constraints?

  public init(
    _ name: String, _ type: Kind, _ description: String, required: Bool = false, unique: Bool = false,
    minimum: Double? = nil, values: [String]? = nil
  ) {
    self.name = name
    self.type = type
    self.description = description
    if required || unique || minimum != nil || values != nil {
      constraints = Constraints(
        required: required ? true : nil, unique: unique ? true : nil, minimum: minimum, enum: values)
    }
  }
}

/// A column with what stands in it: declared once, the header, the cells and the description follow.
public struct TableColumn<Row>: Sendable {
  public var field: TableField
  public var cell: @Sendable (Row) -> any CellValue

  public init(
    _ name: String, _ type: TableField.Kind, _ description: String, required: Bool = false, unique: Bool = false,
    minimum: Double? = nil, values: [String]? = nil, _ cell: @escaping @Sendable (Row) -> any CellValue
  ) {
    field = TableField(
      name, type, description, required: required, unique: unique, minimum: minimum, values: values)
    self.cell = cell
  }

  public init(_ field: TableField, _ cell: @escaping @Sendable (Row) -> any CellValue) {
    self.field = field
    self.cell = cell
  }
}

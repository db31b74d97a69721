/// The declaration of a column: its name, its type and its meaning, as in a Frictionless table schema.
public struct TableField: Sendable, Encodable {
  /// What a column's values must satisfy.
  public struct Constraints: Sendable, Encodable {
    /// True if no cell may be empty; otherwise nil.
    public var required: Bool?
    /// True if no two cells may be equal; otherwise nil.
    public var unique: Bool?
    /// The smallest number allowed; nil if there is none.
    public var minimum: Double?
    /// The only values allowed; nil if any is.
    public var `enum`: [String]?
  }

  /// The type of a column's cells, as a table schema names it.
  public enum Kind: String, Sendable, Encodable { case string, integer, number, boolean, date, datetime }

  public var name: String
  /// The type of the column's cells.
  public var type: Kind
  public var description: String
  /// Nil if any value of the type is allowed.
  public var constraints: Constraints?

  /// - Parameter values: the only values allowed; nil if any is.
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

/// A column and how to fill it. Header, cells and description all follow from this one declaration.
public struct TableColumn<Row>: Sendable {
  /// What the header and the description say of it.
  public var field: TableField
  /// The cell in a given row.
  public var cell: @Sendable (Row) -> any CellValue

  /// - Parameter values: the only values allowed; nil if any is.
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

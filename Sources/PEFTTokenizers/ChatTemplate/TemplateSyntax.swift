/// An expression of a template.
indirect enum TemplateExpression: Sendable {
    case none
    case boolean(Bool)
    case integer(Int)
    case float(Double)
    case string(String)
    case name(String)
    case list([TemplateExpression])
    case dictionary([(key: TemplateExpression, value: TemplateExpression)])
    /// `object.name`
    case attribute(TemplateExpression, String)
    /// `object[item]`
    case item(TemplateExpression, TemplateExpression)
    /// `object[from:to:step]`
    case slice(TemplateExpression, from: TemplateExpression?, to: TemplateExpression?, step: TemplateExpression?)
    case call(TemplateExpression, TemplateArguments)
    /// `value | name(arguments)`
    case filter(TemplateExpression, String, TemplateArguments)
    /// `value is name(arguments)`
    case test(TemplateExpression, String, TemplateArguments)
    case negation(TemplateExpression)
    /// `-value`
    case minus(TemplateExpression)
    case and(TemplateExpression, TemplateExpression)
    case or(TemplateExpression, TemplateExpression)
    /// `a < b <= c`, each operand compared with the one before.
    case comparison(TemplateExpression, [(operation: String, operand: TemplateExpression)])
    case arithmetic(String, TemplateExpression, TemplateExpression)
    /// `a ~ b`
    case concatenation([TemplateExpression])
    /// `value if test else otherwise`
    case conditional(test: TemplateExpression, value: TemplateExpression, otherwise: TemplateExpression?)
}

/// What a function, filter or test is given.
struct TemplateArguments: Sendable {
    var positional: [TemplateExpression] = []
    var named: [(name: String, value: TemplateExpression)] = []
}

/// What is assigned to.
enum TemplateTarget: Sendable {
    case name(String)
    /// A name for each element.
    case names([String])
    /// `namespace.name`
    case attribute(String, String)
}

/// A part of a template.
enum TemplateNode: Sendable {
    case text(String)
    case output(TemplateExpression, line: Int)
    case conditions([(test: TemplateExpression, line: Int, body: [TemplateNode])], otherwise: [TemplateNode])
    case loop(TemplateLoopNode)
    case assignment(TemplateTarget, TemplateExpression, line: Int)
    /// The text of a body is what is assigned.
    case capture(TemplateTarget, [TemplateNode], line: Int)
    case macro(TemplateMacro, line: Int)
    /// Parts that belong together and change nothing.
    case group([TemplateNode])
    case breaking
    case continuing
}

/// `for target in items if test … else … endfor`
struct TemplateLoopNode: Sendable {
    let target: TemplateTarget
    let items: TemplateExpression
    let test: TemplateExpression?
    let body: [TemplateNode]
    let otherwise: [TemplateNode]
    let line: Int
}

/// A function that a template defines.
struct TemplateMacro: Sendable {
    let name: String
    let parameters: [(name: String, standard: TemplateExpression?)]
    let body: [TemplateNode]
}

namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>What every primitive descriptor of a weight layer is made from.</summary>
/// <param name="Propagation">The pass.</param>
/// <param name="Operands">Descriptors of what it reads and writes.</param>
/// <param name="Engine">The engine.</param>
/// <param name="Attributes">The attributes.</param>
/// <param name="ForwardHint">The primitive descriptor of the forward pass, 0 in that pass.</param>
internal readonly record struct PrimitiveRequest(
    Propagation Propagation, OperandHandles Operands, nint Engine, nint Attributes, nint ForwardHint);

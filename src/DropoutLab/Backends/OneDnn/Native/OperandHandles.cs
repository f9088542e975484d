namespace DropoutLab.Backends.OneDnn.Native;

/// <summary><see cref="Operands"/> as the C API takes them; <see cref="Bias"/> is 0 where there is none.</summary>
internal readonly record struct OperandHandles(nint Source, nint Weights, nint Bias, nint Destination);

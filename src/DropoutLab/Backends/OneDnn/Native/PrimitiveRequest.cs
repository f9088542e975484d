namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>What every primitive descriptor of a weight layer is made from.</summary>
/// <param name="Propagation">The pass.</param>
/// <param name="Operands">Descriptors of what it reads and writes.</param>
/// <param name="Engine">The engine.</param>
/// <param name="Attributes">The attributes.</param>
/// <param name="ForwardHint">The primitive descriptor of the forward pass, 0 in that pass.</param>
internal readonly record struct PrimitiveRequest(
    Propagation Propagation, OperandHandles Operands, nint Engine, nint Attributes, nint ForwardHint);

/// <summary>Which pass of a weight layer a primitive computes (<c>dnnl_prop_kind_t</c>, the same in 2.x and 3.x).</summary>
internal enum Propagation
{
    ForwardTraining = 64,
    BackwardData = 160,
    BackwardWeights = 192,
}

/// <summary>
/// Shapes, element types and layouts of what a weight layer reads and writes. The backward passes name them as the forward
/// pass does: <see cref="Source"/> is the source's gradient in the pass that computes it, and so on.
/// </summary>
/// <param name="Source">Convolution: N×C×H×W. Inner product: N×C, or N×C×H×W.</param>
/// <param name="Weights">Convolution: O×C×KH×KW. Inner product: O×C, or O×C×H×W.</param>
/// <param name="Bias">O, or null where there is none; the pass for the source's gradient ignores it.</param>
/// <param name="Destination">Convolution: N×O×OH×OW. Inner product: N×O.</param>
internal sealed record Operands(
    MemoryDescriptor Source, MemoryDescriptor Weights, MemoryDescriptor? Bias, MemoryDescriptor Destination) : IDisposable
{
    /// <summary>The handles, for a call after which the operands are kept alive.</summary>
    public OperandHandles Handles => new(Source.Value, Weights.Value, Bias?.Value ?? 0, Destination.Value);

    /// <summary>Disposes the four descriptors: primitive descriptors made from them have copies.</summary>
    public void Dispose()
    {
        Source.Dispose();
        Weights.Dispose();
        Bias?.Dispose();
        Destination.Dispose();
    }
}

/// <summary><see cref="Operands"/> as the C API takes them; <see cref="Bias"/> is 0 where there is none.</summary>
internal readonly record struct OperandHandles(nint Source, nint Weights, nint Bias, nint Destination);

namespace DropoutLab.Backends.OneDnn.Native;

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

using DropoutLab.Backends.OneDnn.Winograd;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.OneDnn;

/// <summary>
/// Which activations max(norm(z), 0) the backward pass makes again of z, which the normalisation's gradient reads anyway: the
/// forward pass then keeps them only for the few data in work, where it would write them to memory and the backward pass read
/// them there.
/// </summary>
internal sealed class ActivationsMadeAgain
{
    private readonly GraphReaders readers;
    private readonly MaskedInputs maskedInputs;
    private readonly HashSet<Value> forward;
    private readonly HashSet<Value> waiting;

    public ActivationsMadeAgain(
        IReadOnlyList<Value> order, PlanRequest request, Precision precision, GraphReaders readers, MaskedInputs maskedInputs)
    {
        this.readers = readers;
        this.maskedInputs = maskedInputs;
        forward = [.. TopologicalOrder.Of(request.Outputs)];
        waiting = precision == Precision.Float32 ? [.. order.Where(IsWorthIt)] : [];
    }

    /// <summary>What must be made again now, because nothing before this value read it in the backward pass.</summary>
    public IReadOnlyList<Value> DueBefore(Value value) =>
        waiting.Count == 0 || forward.Contains(value) ? [] : [.. SourcesOf(value).Where(waiting.Remove)];

    private IEnumerable<Value> SourcesOf(Value value)
    {
        IReadOnlyList<Value> products = maskedInputs.MadeAgainBy(value);
        return value.Inputs.Append(products.Count > 0 ? products[0].Inputs[0] : value).Select(GraphReaders.Source);
    }

    /// <summary>
    /// A normalisation that only its ReLU reads, of what its gradient will read; the ReLU, but for what is made again of it, read
    /// by one layer in the forward pass, datum by datum.
    /// </summary>
    private bool IsWorthIt(Value activation) =>
        activation.Operator is Relu && activation.Inputs[0] is { Operator: ChannelNorm } normalised
        && readers.Of(normalised).Count == 1
        && readers.Of(normalised.Inputs[0]).Any(reader => reader.Operator is BatchNormInputGradient)
        && !readers.IsKept(normalised) && !readers.IsKept(activation) && IsReadByTilesAlone(activation);

    private bool IsReadByTilesAlone(Value activation) =>
        readers.Of(activation).Where(reader => forward.Contains(reader) && !maskedInputs.IsOnlyMadeAgain(reader))
            .ToArray() is [Value reader]
        && (reader.Operator is Convolution convolution
            ? WinogradTiles.Fits(ConvolutionGeometry.Of(convolution, reader.Inputs[0].Shape, reader.Inputs[1].Shape))
            : reader.Operator is Masked && IsReadByTilesAlone(reader));
}

using DropoutLab.Backends.OneDnn.Winograd;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.OneDnn;

/// <summary>
/// Which masked inputs of weight layers the weights' gradient makes again, of what is kept anyway for a ReLU's gradient and of
/// the masks' bits: datum by datum in the cache that is less work than to write them down in the forward pass and to read them
/// here.
/// </summary>
internal sealed class MaskedInputs
{
    private readonly PlanBuilder builder;
    private readonly GraphReaders readers;
    private readonly HashSet<Value> masks;

    public MaskedInputs(PlanBuilder builder, GraphReaders readers, IReadOnlyList<Value> order)
    {
        (this.builder, this.readers) = (builder, readers);
        masks = [.. order.SelectMany(MadeAgainBy).Select(product => product.Inputs[1])];
    }

    /// <summary>Whether a mask's bits are needed once more.</summary>
    public bool AreMadeAgainWith(Value mask) => masks.Contains(mask);

    /// <summary>The products to make again, the innermost first; none where the gradient reads its input as it is.</summary>
    public IReadOnlyList<Value> MadeAgainBy(Value reader)
    {
        if (builder.Precision != Precision.Float32 || reader.Operator is not ConvolutionWeightGradient gradient
            || !WinogradTiles.FitsWeightGradient(ConvolutionGeometry.Of(gradient.Forward, reader.Inputs[0].Shape, reader.Shape)))
            return [];
        Stack<Value> products = new();
        Value kept = GraphReaders.Source(reader.Inputs[0]);
        for (; kept.Operator is Masked; kept = GraphReaders.Source(kept.Inputs[0]))
            products.Push(kept);
        return readers.Of(kept).Any(other => other.Operator is ReluGradient) ? [.. products] : [];
    }

    /// <summary>Whether nobody reads a product but those who make it again: of it, only the mask is needed.</summary>
    public bool IsOnlyMadeAgain(Value product) =>
        !readers.IsKept(product) && readers.Of(product).All(reader => MadeAgainBy(reader).Contains(product));
}

using DropoutLab.Backends.OneDnn.Native;
using DropoutLab.Backends.OneDnn.Sentences;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.OneDnn;

/// <summary>
/// Turns a graph into kernels: oneDNN's primitives for weight layers, groups of row stages for what treats each datum by itself.
/// </summary>
internal sealed class OneDnnLowering : IDisposable
{
    private readonly PlanBuilder builder;
    private readonly IReadOnlyList<Value> order;
    private readonly GraphReaders readers;
    private readonly ActivationsMadeAgain activationsMadeAgain;
    private readonly RowGroupBuilder rows;
    private readonly FloatBuffers floats;
    private readonly WeightKernels weights;
    private readonly SentenceLowering sentences;
    private readonly Dictionary<Value, Value> broughtAlong;
    private readonly HashSet<Value> done = [];

    public OneDnnLowering(OneDnnLibrary library, PlanRequest request, PlanBuilder builder)
    {
        this.builder = builder;
        order = WithIndexBesideMaximum(request.Order());
        readers = new GraphReaders(order, request);
        MaskedInputs maskedInputs = new(builder, readers, order);
        activationsMadeAgain = new ActivationsMadeAgain(order, request, builder.Precision, readers, maskedInputs);
        rows = new RowGroupBuilder(builder, readers, maskedInputs);
        floats = new FloatBuffers(builder);
        weights = new WeightKernels(library, builder, maskedInputs, floats);
        sentences = new SentenceLowering(library, builder, readers, order);
        broughtAlong = BiasGradientsBroughtAlong();
        done.UnionWith(broughtAlong.Values);
    }

    public void Lower()
    {
        foreach (Value value in order.Where(value => !done.Contains(value)))
        {
            foreach (Value activation in activationsMadeAgain.DueBefore(value))
                MakeAgain(activation);
            if (value.Operator is Input or ParameterSource)
            {
                builder.BufferOf(value);
            }
            else if (value.Operator is Constant constant)
            {
                // Ahead of all others: between two of them it would keep them from being joined.
                builder.Kernels.Insert(0, new ConstantKernel(builder.BufferOf(value), constant.Number, builder.Precision));
            }
            else if (sentences.Takes(value))
            {
                rows.Flush();
                sentences.Lower(value);
            }
            else if (RowGroupBuilder.Takes(value))
            {
                rows.Gather(value);
            }
            else if (!GraphReaders.IsView(value))
            {
                rows.Flush();
                LowerWhole(value);
            }
        }

        rows.Flush();
        foreach (Value view in order.Where(GraphReaders.IsView).Where(readers.IsKept))
            builder.BufferOf(view);
        builder.Kernels = DatumKernel.Joined(builder.Kernels);
        DatumKernel.KeepWindows(builder.Kernels);
    }

    public void Dispose() => weights.Dispose();

    /// <summary>Whoever reads the activation from now on finds it in other memory than who read it before.</summary>
    private void MakeAgain(Value activation)
    {
        rows.Flush();
        builder.Forget(activation);
        rows.Gather(activation.Inputs[0]);
        rows.Gather(activation);
        rows.Flush();
    }

    private void LowerWhole(Value value)
    {
        switch (value.Operator)
        {
            case Convolution or LinearMap:
                weights.Forward(value, ReluAfter(value));
                break;
            case ConvolutionInputGradient or LinearInputGradient:
                weights.InputGradient(value);
                break;
            case ConvolutionWeightGradient or LinearWeightGradient:
                weights.WeightGradient(value, broughtAlong.GetValueOrDefault(value));
                break;
            case Add:
                builder.Kernels.Add(
                    new SumKernel(Operand(value, 0), Operand(value, 1), builder.BufferOf(value), value.Shape.Count));
                break;
            case Scale scale:
                builder.Kernels.Add(
                    new ScaleKernel(Operand(value, 0), builder.BufferOf(value), value.Shape.Count, (float)scale.Factor));
                break;
            case RunningAverage average:
                builder.Kernels.Add(new RunningAverageKernel(
                    Operand(value, 0), Operand(value, 1), builder.BufferOf(value), value.Shape.Count, (float)average.Momentum,
                    (float)average.Factor));
                break;
            case SoftmaxCrossEntropy or SquaredError or CorrectCount:
                builder.Kernels.Add(Score(value));
                break;
            default:
                throw new NotSupportedException($"the onednn backend has no kernel for {value}");
        }
    }

    private PlanBuffer Operand(Value value, int index) => builder.BufferOf(value.Inputs[index]);

    private ScoreKernel Score(Value value)
    {
        (PlanBuffer predictions, PlanBuffer targets, PlanBuffer score) = (floats.Of(value.Inputs[0]), Operand(value, 1),
            builder.BufferOf(value));
        (int batch, int outputs) = (value.Inputs[0].Shape[0], value.Inputs[0].Shape[1]);
        return value.Operator switch
        {
            SoftmaxCrossEntropy loss =>
                new SoftmaxCrossEntropyKernel(predictions, targets, score, batch, outputs, loss.LabelSmoothing),
            SquaredError => new SquaredErrorKernel(predictions, targets, score, batch, outputs),
            _ => new CorrectCountKernel(predictions, targets, score, batch, outputs),
        };
    }

    /// <summary>
    /// The ReLU that is all that reads a layer's z, or z itself: such a ReLU costs nothing within the layer's kernel.
    /// </summary>
    private Value ReluAfter(Value z)
    {
        if (readers.IsKept(z) || readers.Of(z) is not [{ Operator: Relu } relu])
            return z;
        done.Add(relu);
        return relu;
    }

    /// <summary>
    /// The biases' gradients that weights' gradients bring along, which read the same error signal: of several, each goes with
    /// another weight's. Those of a bias that several layers share are added, maybe before the weights' are there: they are sums
    /// of their own.
    /// </summary>
    private Dictionary<Value, Value> BiasGradientsBroughtAlong()
    {
        List<Value> biases = [.. order.Where(value => value.Operator is BiasGradient && readers.Of(value).Count == 0)];
        Dictionary<Value, Value> result = [];
        foreach (Value weight in order.Where(TakesBiasAlong))
        {
            if (biases.Find(bias => GraphReaders.ReadAlike(bias.Inputs[0], weight.Inputs[1])) is { } own)
            {
                result.Add(weight, own);
                biases.Remove(own);
            }
        }

        return result;
    }

    private bool TakesBiasAlong(Value value) =>
        value.Operator is ConvolutionWeightGradient or LinearWeightGradient && !sentences.Takes(value);

    /// <summary>
    /// The same order, but the place of each maximum comes right after the maximum: they are found in one pass, in the forward
    /// part of the step. Where two pools are alike, each has a place of its own.
    /// </summary>
    private static List<Value> WithIndexBesideMaximum(IReadOnlyList<Value> order)
    {
        ILookup<Value, Value> indices = order.Where(value => value.Operator is MaxPoolIndex)
            .ToLookup(index => GraphReaders.Source(index.Inputs[0]));
        HashSet<Value> placed = [];
        List<Value> result = [];
        foreach (Value value in order.Where(placed.Add))
        {
            result.Add(value);
            if (value.Operator is MaxPool pool)
                result.AddRange(indices[GraphReaders.Source(value.Inputs[0])].Where(index => IsPlaceOf(index, value, pool))
                    .Where(placed.Add).Take(1));
        }

        return result;

        static bool IsPlaceOf(Value index, Value maximum, MaxPool pool) =>
            ((MaxPoolIndex)index.Operator).Windows == pool.Windows && GraphReaders.ReadAlike(index.Inputs[0], maximum.Inputs[0]);
    }
}

using DropoutLab.Backends;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using static DropoutLab.Exchange.TensorProto.Types;

namespace DropoutLab.Exchange;

/// <summary>Adds the values of an evaluation to an ONNX graph, operator by operator.</summary>
/// <remarks>
/// ONNX has channels on the second axis, the library on the last. A value is kept as its operator gives it, and turned, once,
/// for who needs it the other way.
/// </remarks>
internal sealed class OnnxOperators
{
    private readonly OnnxGraph graph;
    private readonly ParameterStore parameters;
    private readonly HashSet<Value> folded = [];
    private readonly Dictionary<Value, string> channelsLast = [], channelsFirst = [], masks = [];
    private string? tokenTypes;

    public OnnxOperators(OnnxGraph graph, ParameterStore parameters) => (this.graph, this.parameters) = (graph, parameters);

    /// <summary>Says under which name an input comes.</summary>
    public void Bind(Value input, string name) => channelsLast[input] = name;

    /// <summary>Says what stands for lengths: booleans [N, L], whether there is a token; and each token's type.</summary>
    public void BindSentences(Value lengths, string mask, string types) => (masks[lengths], tokenTypes) = (mask, types);

    /// <summary>Adds what some outputs need.</summary>
    /// <param name="outputs">Values of a network's evaluation.</param>
    /// <param name="foldsBatchNorm">Whether a normalisation goes into the convolution that it alone reads.</param>
    /// <exception cref="DropoutLabException">An operator has no counterpart.</exception>
    public void Translate(IEnumerable<Value> outputs, bool foldsBatchNorm)
    {
        Value[] ends = [.. outputs];
        IReadOnlyList<Value> order = TopologicalOrder.Of(ends, needsBackwardViews: false);
        if (foldsBatchNorm)
            FindFolded(order, ends);
        foreach (Value value in order.Where(value => !channelsLast.ContainsKey(value)))
            Translate(value);
    }

    /// <summary>The name of a value in the library's layout.</summary>
    public string Last(Value value)
    {
        if (!channelsLast.TryGetValue(value, out string? name))
        {
            if (value.Operator is ParameterSource source)
                return Parameter(source.Parameter);
            int rank = value.Shape.Rank;
            name = Transpose(channelsFirst[value], [0, .. Enumerable.Range(2, rank - 2), 1]);
            channelsLast.Add(value, name);
        }

        return name;
    }

    private string First(Value value)
    {
        int rank = value.Shape.Rank;
        if (rank == 2)
            return Last(value);
        if (!channelsFirst.TryGetValue(value, out string? name))
        {
            name = Transpose(Last(value), [0, rank - 1, .. Enumerable.Range(1, rank - 2)]);
            channelsFirst.Add(value, name);
        }

        return name;
    }

    private void Translate(Value value)
    {
        IReadOnlyList<Value> x = value.Inputs;
        switch (value.Operator)
        {
            case ParameterSource: break; // Written where it is first read: in a folded form, it may never be.
            case Constant constant: channelsLast[value] = graph.Number((float)constant.Number); break;
            case Convolution when folded.Contains(value): break;
            case Convolution convolution: SetFirst(value, Convolve(convolution, [First(x[0]), .. x.Skip(1).Select(Last)])); break;
            case LinearMap: channelsLast[value] = Linear(x); break;
            case ChannelNorm norm: SetFirst(value, Normalise(value, norm)); break;
            case LayerNorm norm:
                channelsLast[value] = graph.Node(
                "LayerNormalization", [.. x.Select(Last)], ("axis", -1), ("epsilon", norm.Epsilon)); break;
            case Relu: Elementwise(value, "Relu"); break;
            case Gelu: Elementwise(value, "Gelu"); break;
            case Tanh: Elementwise(value, "Tanh"); break;
            case Add: Elementwise(value, "Add"); break;
            case Scale scale: Elementwise(value, "Mul", graph.Number((float)scale.Factor)); break;
            case TwoPass: Same(value, x[0]); break;
            case Reshape reshape when reshape.Shape == x[0].Shape: Same(value, x[0]); break;
            case Reshape reshape: channelsLast[value] = Reshaped(Last(x[0]), [0, .. reshape.Shape.Axes[1..].ToArray()]); break;
            case MaxPool pool: SetFirst(value, Pool("MaxPool", pool.Windows, x[0])); break;
            case AveragePool pool: SetFirst(value, Pool("AveragePool", pool.Windows, x[0])); break;
            case Subsample subsample: SetFirst(value, Subsampled(subsample, x[0])); break;
            case Embedding: channelsLast[value] = Embedded(x); break;
            case AttentionProbabilities attention: channelsLast[value] = Probabilities(x, attention.Heads); break;
            case AttentionContext { IsTransposed: false }: channelsLast[value] = Context(x); break;
            case TokenPool pool: channelsLast[value] = Pooled(x, pool.Pooling); break;
            case GatherTokens: channelsLast[value] = Gathered(x); break;
            default:
                throw new DropoutLabException($"{value.Operator.GetType().Name} has no counterpart in ONNX: the network "
                + "cannot be exported");
        }
    }

    private void SetFirst(Value value, string name) => (value.Shape.Rank == 2 ? channelsLast : channelsFirst)[value] = name;

    /// <summary>In whichever layout an input is at hand.</summary>
    private void Elementwise(Value value, string type, params string[] further)
    {
        bool isFirst = value.Inputs.Any(channelsFirst.ContainsKey);
        string name = graph.Node(type, [.. value.Inputs.Select(input => isFirst ? First(input) : Last(input)), .. further]);
        (isFirst ? channelsFirst : channelsLast)[value] = name;
    }

    private void Same(Value value, Value other)
    {
        if (channelsFirst.TryGetValue(other, out string? name))
            channelsFirst[value] = name;
        else
            channelsLast[value] = Last(other);
    }

    private string Parameter(Parameter parameter) => graph.Constant(
        parameter.Name, parameter.Shape.Axes, parameters.ReadSingle(parameter.Name, ParameterArray.Value));

    private string Transpose(string x, int[] axes) =>
        graph.Node("Transpose", [x], ("perm", Array.ConvertAll(axes, axis => (long)axis)));

    /// <summary>Where the shape has 0 the axis keeps its length.</summary>
    private string Reshaped(string x, int[] shape) =>
        graph.Node("Reshape", [x, graph.Whole(Array.ConvertAll(shape, length => (long)length))]);

    private string Unsqueezed(string x, params long[] axes) => graph.Node("Unsqueeze", [x, graph.Whole(axes)]);

    private string Cast(string x, DataType type) => graph.Node("Cast", [x], ("to", (int)type));

    private string Convolve(Convolution convolution, string[] inputs)
    {
        (long stride, long padding) = (convolution.Stride, convolution.Padding);
        return graph.Node(
            "Conv", inputs, ("strides", new[] { stride, stride }), ("pads", new[] { padding, padding, padding, padding }));
    }

    private string Linear(IReadOnlyList<Value> x)
    {
        if (x[0].Shape.Rank == 2)
            return graph.Node("Gemm", [.. x.Select(Last)], ("transB", 1));
        string product = graph.Node("MatMul", [Last(x[0]), Transpose(Last(x[1]), [1, 0])]);
        return x.Count == 3 ? graph.Node("Add", [product, Last(x[2])]) : product;
    }

    private string Normalise(Value value, ChannelNorm norm)
    {
        IReadOnlyList<Value> x = value.Inputs;
        return folded.Contains(x[0])
            ? Folded(x[0], [.. x.Skip(1)], norm.Epsilon)
            : graph.Node(
                "BatchNormalization", [First(x[0]), Last(x[3]), Last(x[4]), Last(x[1]), Last(x[2])], ("epsilon", norm.Epsilon));
    }

    /// <summary>γ (W h + b − μ)/√(σ² + ε) + β = W′ h + b′, with W′ = W γ/√(σ² + ε) and b′ = β + (b − μ) γ/√(σ² + ε).</summary>
    private string Folded(Value convolution, Value[] statistics, double epsilon)
    {
        IReadOnlyList<Value> x = convolution.Inputs;
        double[][] of = [.. statistics.Select(NumbersOf)];
        (double[] mean, double[] variance, double[] scale, double[] shift) = (of[0], of[1], of[2], of[3]);
        double[] weight = NumbersOf(x[1]), bias = x.Count == 3 ? NumbersOf(x[2]) : new double[mean.Length];
        double[] factor = [.. variance.Zip(scale, (v, s) => s / Math.Sqrt(v + epsilon))];
        int taps = weight.Length / factor.Length;
        string name = ((ParameterSource)x[1].Operator).Parameter.Name;
        string weights = graph.Constant(
            $"{name}/folded", x[1].Shape.Axes, [.. weight.Select((number, i) => (float)(number * factor[i / taps]))]);
        string biases = graph.Constant(
            $"{name}/folded bias", [factor.Length], [.. factor.Select((f, i) => (float)(shift[i] + (bias[i] - mean[i]) * f))]);
        return Convolve((Convolution)convolution.Operator, [First(x[0]), weights, biases]);
    }

    private double[] NumbersOf(Value parameter) =>
        parameters.Read(((ParameterSource)parameter.Operator).Parameter.Name, ParameterArray.Value);

    private void FindFolded(IReadOnlyList<Value> order, Value[] outputs)
    {
        ILookup<Value, Value> users = order.SelectMany(user => user.Inputs.Select(input => (input, user)))
            .ToLookup(use => use.input, use => use.user);
        foreach (Value norm in order.Where(value => value.Operator is ChannelNorm))
        {
            Value x = norm.Inputs[0];
            if (x.Operator is Convolution && users[x].Count() == 1 && users[x.Inputs[1]].Count() == 1 && !outputs.Contains(x)
                && x.Inputs.Concat(norm.Inputs).Except([x, x.Inputs[0]]).All(input => input.Operator is ParameterSource))
            {
                folded.Add(x);
            }
        }
    }

    /// <summary>Windows that reach over the border are padded at the end, by what neither operator counts.</summary>
    private string Pool(string type, PoolWindows windows, Value x)
    {
        (long window, long stride) = (windows.Window, windows.Stride);
        long Beyond(int length) => Math.Max((windows.OutputLength(length) - 1) * stride + window - length, 0);
        return graph.Node(
            type, [First(x)], ("kernel_shape", new[] { window, window }), ("strides", new[] { stride, stride }),
            ("pads", new[] { 0, 0, Beyond(x.Shape[1]), Beyond(x.Shape[2]) }));
    }

    private string Subsampled(Subsample subsample, Value x)
    {
        string kept = graph.Node(
            "Slice", [First(x), graph.Whole(0, 0), graph.Whole(long.MaxValue, long.MaxValue), graph.Whole(2, 3),
                graph.Whole(subsample.Stride, subsample.Stride)]);
        return graph.Node(
            "Pad", [kept, graph.Whole(0, 0, 0, 0, 0, subsample.Channels - x.Shape[3], 0, 0), graph.Number(0)]);
    }

    private string Embedded(IReadOnlyList<Value> x)
    {
        string tokens = Last(x[0]);
        string length = graph.Node("Shape", [tokens], ("start", 1), ("end", 2));
        string positions = graph.Node("Slice", [Last(x[3]), graph.Whole(0), length, graph.Whole(0)]);
        string types = graph.Node("Gather", [Last(x[4]), tokenTypes ?? graph.WholeScalar(0)]);
        return graph.Node("Add", [graph.Node("Add", [graph.Node("Gather", [Last(x[2]), tokens]), positions]), types]);
    }

    private string Heads(string x, int heads, params int[] axes) => Transpose(Reshaped(x, [0, 0, heads, -1]), axes);

    private string Probabilities(IReadOnlyList<Value> x, int heads)
    {
        string products = graph.Node("MatMul", [Heads(Last(x[0]), heads, 0, 2, 1, 3), Heads(Last(x[1]), heads, 0, 2, 3, 1)]);
        double width = (double)x[0].Shape[2] / heads;
        string scores = graph.Node("Mul", [products, graph.Number((float)(1 / Math.Sqrt(width)))]);
        string own = graph.Node("Where", [Unsqueezed(Mask(x[2], x[0]), 1, 2), scores, graph.Number(float.MinValue)]);
        return graph.Node("Softmax", [own], ("axis", -1));
    }

    private string Context(IReadOnlyList<Value> x)
    {
        string product = graph.Node("MatMul", [Last(x[0]), Heads(Last(x[1]), x[0].Shape[1], 0, 2, 1, 3)]);
        return Reshaped(Transpose(product, [0, 2, 1, 3]), [0, 0, x[1].Shape[2]]);
    }

    private string Pooled(IReadOnlyList<Value> x, Pooling pooling)
    {
        if (pooling == Pooling.First)
            return graph.Node("Gather", [Last(x[0]), graph.WholeScalar(0)], ("axis", 1));
        string mask = Unsqueezed(Cast(Mask(x[1], x[0]), DataType.Float), 2);
        string Sum(string of) => graph.Node("ReduceSum", [of, graph.Whole(1)], ("keepdims", 0));
        return graph.Node("Div", [Sum(graph.Node("Mul", [Last(x[0]), mask])), Sum(mask)]);
    }

    private string Gathered(IReadOnlyList<Value> x)
    {
        string places = Last(x[2]), zero = graph.WholeScalar(0);
        string indices = Unsqueezed(graph.Node("Max", [places, zero]), 2);
        string isPlace = Cast(graph.Node("GreaterOrEqual", [places, zero]), DataType.Float);
        return graph.Node(
            "Mul", [graph.Node("GatherND", [Last(x[0]), indices], ("batch_dims", 1)), Unsqueezed(isPlace, 2)]);
    }

    /// <summary>Whether there is a token, [N, L].</summary>
    private string Mask(Value lengths, Value tokens)
    {
        if (!masks.TryGetValue(lengths, out string? mask))
        {
            string places = graph.Whole([.. Enumerable.Range(0, tokens.Shape[1]).Select(place => (long)place)]);
            mask = graph.Node("Less", [places, Unsqueezed(Last(lengths), 1)]);
            masks.Add(lengths, mask);
        }

        return mask;
    }
}

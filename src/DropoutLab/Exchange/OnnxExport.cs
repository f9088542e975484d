using System.Globalization;
using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Layers;
using DropoutLab.Models;
using static DropoutLab.Exchange.TensorProto.Types;

namespace DropoutLab.Exchange;

/// <summary>
/// A network as an ONNX file, as evaluation computes it: without dropout, normalised by running averages, in 32 bits, of a batch
/// of any size. Source: the specification of ONNX, https://onnx.ai/onnx/repo-docs/IR.html, and its operators of set 20.
/// </summary>
/// <remarks>
/// Inputs and outputs have the network's names and shapes, [N, H, W, C] of images, but for probabilities, whose output is
/// <see cref="ProbabilitiesName"/>. Labels and tokens are 64-bit whole numbers. Classes' names are in the file's metadata, as
/// <c>class/0</c> and so on.
/// </remarks>
/// <param name="network">What is written.</param>
/// <param name="parameters">Its parameters and running averages.</param>
public sealed class OnnxExport(Network network, ParameterStore parameters)
{
    /// <summary>The output's name where it is probabilities.</summary>
    public const string ProbabilitiesName = "probabilities";

    /// <summary>What makes the input of raw data, as <see cref="BatchSource.Preparation"/> of the training data.</summary>
    public IReadOnlyList<PreparationArray> Preparation
    {
        init => ArrayOf = name => value.FirstOrDefault(array => array.Name == name)?.Values.ToArray();
    }

    /// <summary>Whether images come as bytes where they are prepared; false for numbers.</summary>
    public bool TakesBytes { get; init; } = true;

    /// <summary>What a classifier tells apart, in the order of its outputs.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>Whether the only output is softmax(z) instead of z.</summary>
    public bool GivesProbabilities { get; init; }

    /// <summary>Whether batch normalisation goes into the weights of the convolution before it.</summary>
    public bool FoldsBatchNorm { get; init; }

    /// <summary>The arrays of <see cref="Preparation"/>, by name.</summary>
    internal Func<string, float[]?> ArrayOf { get; init; } = _ => null;

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <exception cref="DropoutLabException">
    /// An operator has no counterpart, several outputs were to be probabilities, there are more than 2 GB of weights, or the file
    /// cannot be written.
    /// </exception>
    public void Write(string path)
    {
        if (GivesProbabilities && network.OutputCounts.Count > 1)
            throw new DropoutLabException(
                $"{network.Name} has the outputs {string.Join(", ", network.OutputCounts.Keys)}: probabilities are of one");
        OnnxGraph graph = new(network.Name);
        OnnxOperators operators = new(graph, parameters);
        BuiltNetwork built = Evaluation(network);
        foreach (BatchInput input in network.Inputs)
            operators.Bind(built.Inputs[input.Name], Input(graph, input));
        operators.Translate(built.Outputs.Values, FoldsBatchNorm);
        foreach ((string name, Value value) in built.Outputs)
        {
            object[] axes = [OnnxGraph.Batch, .. value.Shape.Axes[1..].ToArray().Cast<object>()];
            if (GivesProbabilities)
                graph.Output(ProbabilitiesName, graph.Node("Softmax", [operators.Last(value)], ("axis", -1)), axes);
            else
                graph.Output(name, operators.Last(value), axes);
        }

        graph.Write(path, ClassNames.Select((name, label) =>
            KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"class/{label}"), name)));
    }

    /// <summary>
    /// Writes an encoder of sentences under the usual names: input_ids, attention_mask and token_type_ids [N, L] to
    /// last_hidden_state [N, L, D] and sentence_embedding [N, D], with N and L free.
    /// </summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="encoder">Of <see cref="Bert.Sentences"/>.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <exception cref="DropoutLabException">There are more than 2 GB of weights, or the file cannot be written.</exception>
    public static void WriteEncoder(string path, Network encoder, ParameterStore parameters)
    {
        const string Tokens = "input_ids", Mask = "attention_mask", Types = "token_type_ids", Sequence = "sequence";
        OnnxGraph graph = new(encoder.Name);
        foreach (string input in (string[])[Tokens, Mask, Types])
            graph.Input(input, DataType.Int64, OnnxGraph.Batch, Sequence);
        OnnxOperators operators = new(graph, parameters);
        BuiltNetwork built = Evaluation(encoder);
        operators.Bind(built.Inputs[Bert.Tokens], Tokens);
        Value lengths = built.Inputs[Bert.Lengths];
        operators.Bind(lengths, Mask);
        operators.BindSentences(lengths, graph.Node("Cast", [Mask], ("to", (int)DataType.Bool)), Types);
        Value embedding = built.Outputs[Bert.Embedding];
        if (embedding.Operator is not TokenPool)
            throw new DropoutLabException($"{encoder.Name} pools no tokens: an encoder of sentences is needed");
        operators.Translate([embedding], foldsBatchNorm: false);
        int width = embedding.Shape[1];
        graph.Output("last_hidden_state", operators.Last(embedding.Inputs[0]), OnnxGraph.Batch, Sequence, width);
        graph.Output("sentence_embedding", operators.Last(embedding), OnnxGraph.Batch, width);
        graph.Write(path, []);
    }

    private static BuiltNetwork Evaluation(Network network) =>
        network.Build(1, DropoutSettings.None, StatisticsSource.RunningAverage);

    /// <summary>Declares an input, and gives the name of what the network reads.</summary>
    private string Input(OnnxGraph graph, BatchInput input)
    {
        object[] axes = [OnnxGraph.Batch, .. input.Datum.Axes.ToArray().Cast<object>()];
        if (input.Kind == ElementKind.Label)
        {
            graph.Input(input.Name, DataType.Int64, axes);
        }
        else if (input.Name == Network.InputName && ImageBatches.TransformOf(ArrayOf) is { } pixels)
        {
            graph.Input(input.Name, TakesBytes ? DataType.Uint8 : DataType.Float, axes);
            string numbers = TakesBytes ? graph.Node("Cast", [input.Name], ("to", (int)DataType.Float)) : input.Name;
            return Scaled(graph, numbers, input.Datum, pixels.Means, pixels.Factors);
        }
        else
        {
            graph.Input(input.Name, DataType.Float, axes);
            if (input.Name == Network.InputName && TableBatches.ScalingOf(ArrayOf) is { } columns)
                return Scaled(graph, input.Name, input.Datum, columns.Means, columns.Factors);
        }

        return input.Name;
    }

    private static string Scaled(
        OnnxGraph graph, string x, Shape datum, ReadOnlyMemory<float> means, ReadOnlyMemory<float> factors)
    {
        string shifted = graph.Node("Sub", [x, graph.Constant("preparation/mean", datum.Axes, means.Span)]);
        return graph.Node("Mul", [shifted, graph.Constant("preparation/factor", datum.Axes, factors.Span)]);
    }
}

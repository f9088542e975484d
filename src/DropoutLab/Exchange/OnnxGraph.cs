using System.Globalization;
using System.Runtime.InteropServices;
using DropoutLab.Storage;
using Google.Protobuf;
using static DropoutLab.Exchange.TensorProto.Types;

namespace DropoutLab.Exchange;

/// <summary>An ONNX graph in the making: nodes in the order of computation, constants, inputs and outputs, all by name.</summary>
internal sealed class OnnxGraph(string name)
{
    /// <summary>The axis whose length every call chooses.</summary>
    public const string Batch = "batch";

    // The first operator set with Gelu, and the format's version that goes with it.
    private const int OperatorSet = 20, FormatVersion = 9;

    // A protobuf message has at most 2^31 - 1 bytes; the nodes take a few of them.
    private const long MostBytes = int.MaxValue - (1 << 20);

    private readonly GraphProto graph = new() { Name = name };
    private readonly HashSet<string> constants = [];
    private long bytes;

    /// <summary>Adds a node, and gives the name of its result.</summary>
    /// <param name="type">The operator's name in ONNX.</param>
    /// <param name="inputs">Names of values.</param>
    /// <param name="attributes">Names and numbers: a whole one, several, or a float.</param>
    public string Node(string type, string[] inputs, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        string result = string.Create(CultureInfo.InvariantCulture, $"{type}/{graph.Node.Count}");
        NodeProto node = new() { Name = result, OpType = type, Input = { inputs }, Output = { result } };
        foreach ((string attribute, object value) in attributes)
            node.Attribute.Add(AttributeOf(attribute, value));
        graph.Node.Add(node);
        return result;
    }

    /// <summary>An array of floats that stays; its name.</summary>
    /// <exception cref="DropoutLabException">The file would be larger than the format allows.</exception>
    public string Constant(string constant, ReadOnlySpan<int> shape, ReadOnlySpan<float> values) =>
        Add(constant, DataType.Float, shape, MemoryMarshal.AsBytes(values));

    /// <summary>A float.</summary>
    public string Number(float value) =>
        Constant(string.Create(CultureInfo.InvariantCulture, $"number/{value:r}"), [], [value]);

    /// <summary>Whole numbers, [n].</summary>
    public string Whole(params long[] values) => Add(
        $"whole/{string.Join(',', values)}", DataType.Int64, [values.Length], MemoryMarshal.AsBytes<long>(values));

    /// <summary>Whole number without axes.</summary>
    public string WholeScalar(long value) => Add(
        string.Create(CultureInfo.InvariantCulture, $"scalar/{value}"), DataType.Int64, [], MemoryMarshal.AsBytes<long>([value]));

    public void Input(string input, DataType type, params object[] axes) => graph.Input.Add(InfoOf(input, type, axes));

    /// <summary>Gives a value a name of its own as an output of floats.</summary>
    public void Output(string output, string value, params object[] axes)
    {
        graph.Node.Add(new NodeProto { Name = output, OpType = "Identity", Input = { value }, Output = { output } });
        graph.Output.Add(InfoOf(output, DataType.Float, axes));
    }

    /// <summary>Writes it as a model, whole or not at all.</summary>
    public void Write(string path, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        ModelProto model = new()
        {
            IrVersion = FormatVersion,
            ProducerName = nameof(DropoutLab),
            ProducerVersion = LibraryVersion.Text,
            Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Version = OperatorSet } },
        };
        model.MetadataProps.Add(metadata.Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value }));
        AtomicFile.Write(path, model.WriteTo);
    }

    private string Add(string constant, DataType type, ReadOnlySpan<int> shape, ReadOnlySpan<byte> values)
    {
        if (!constants.Add(constant))
            return constant;
        bytes += values.Length;
        if (bytes > MostBytes)
            throw new DropoutLabException(
                $"{graph.Name} has more than {MostBytes:n0} bytes of weights, which is more than one ONNX file can hold");
        TensorProto tensor = new() { Name = constant, DataType = (int)type, RawData = ByteString.CopyFrom(values) };
        foreach (int length in shape)
            tensor.Dims.Add(length);
        graph.Initializer.Add(tensor);
        return constant;
    }

    private static AttributeProto AttributeOf(string name, object value) => value switch
    {
        int number => new() { Name = name, I = number, Type = AttributeProto.Types.AttributeType.Int },
        double number => new() { Name = name, F = (float)number, Type = AttributeProto.Types.AttributeType.Float },
        long[] numbers => new() { Name = name, Ints = { numbers }, Type = AttributeProto.Types.AttributeType.Ints },
        _ => throw new ArgumentException($"{value} is no attribute's", nameof(value)),
    };

    private static ValueInfoProto InfoOf(string name, DataType type, object[] axes)
    {
        TensorShapeProto shape = new();
        shape.Dim.Add(axes.Select(axis => axis is int length
            ? new TensorShapeProto.Types.Dimension { DimValue = length }
            : new TensorShapeProto.Types.Dimension { DimParam = (string)axis }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }
}

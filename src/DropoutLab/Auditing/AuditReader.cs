using System.Globalization;
using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Storage;

namespace DropoutLab.Auditing;

/// <summary>
/// Reads the file of an audit; whatever it needs and does not find is an error that names the file and what is missing.
/// </summary>
internal sealed class AuditReader
{
    private readonly string path;
    private readonly SafetensorsFile file;
    private readonly Dictionary<string, NamedArray> arrays;
    private readonly Precision precision;

    public AuditReader(string path)
    {
        this.path = path;
        file = SafetensorsFile.Read(path);
        arrays = file.Arrays.ToDictionary(array => array.Name);
        if (file.Metadata.GetValueOrDefault("format") is var format && format != AuditFile.Format)
            throw new DropoutLabException($"{path} is no audit of a step: its format is '{format}', not {AuditFile.Format}");
        precision = Parsed("precision", Precisions.Parse);
    }

    public StepAudit Read()
    {
        AuditSettings settings = Settings();
        LayerAudit[] layers = [.. Names("layers").Select(Layer)];
        return new StepAudit(
            settings, Array(AuditFile.Images), Labels(), Array(AuditFile.Loss).Values[0], layers, Parameters(layers));
    }

    private AuditSettings Settings()
    {
        DropoutRule rule = Parsed("dropout", DropoutRule.Parse);
        uint step = Parsed("step", text => uint.Parse(text, CultureInfo.InvariantCulture));
        return new AuditSettings(
            Text("network"), rule, [.. Names("dropout_at").Select(Site)], Parsed("mask_sharing", MaskSharing.Parse),
            Parsed("seed", text => ulong.Parse(text, CultureInfo.InvariantCulture)), step, precision, Text("backend"))
        {
            Threads = file.Metadata.ContainsKey(AuditFile.Threads) ? Parsed(AuditFile.Threads, Number) : null,
        };

        (string, DropoutRule) Site(string name)
        {
            double ratio = Parsed($"{name}.drop_probability", text => double.Parse(text, CultureInfo.InvariantCulture));
            return (name, ratio == rule.DropProbability.At(step) ? rule : rule.WithDropProbability(ratio));
        }
    }

    private LayerAudit Layer(string name)
    {
        bool isConvolution = Text($"{name}.kind") == "convolution";
        return new LayerAudit(
            name, isConvolution,
            isConvolution ? Parsed($"{name}.stride", Number) : 1, isConvolution ? Parsed($"{name}.padding", Number) : 0,
            Of("weight"), OrNull("bias"), Of("input"), Of("forward_factor"), Of("backward_factor"), Of("output"),
            Of("grad_output"), Of("grad_weight"), OrNull("grad_bias"), Of("grad_input"));

        AuditedArray Of(string array) => Array($"{name}.{array}");
        AuditedArray? OrNull(string array) => arrays.ContainsKey($"{name}.{array}") ? Of(array) : null;
    }

    /// <summary>Weights and biases of the layers, and every array that is nothing else.</summary>
    private Dictionary<string, AuditedArray> Parameters(LayerAudit[] layers)
    {
        HashSet<string> others =
        [
            AuditFile.Images, AuditFile.Labels, AuditFile.Loss,
            .. layers.SelectMany(layer => new[]
            {
                "input", "forward_factor", "backward_factor", "output", "grad_output", "grad_weight", "grad_bias", "grad_input",
            }.Select(array => $"{layer.Name}.{array}")),
        ];
        return arrays.Keys.Where(name => !others.Contains(name)).ToDictionary(name => name, Array);
    }

    private int[] Labels() => arrays.TryGetValue(AuditFile.Labels, out NamedArray? labels)
        ? labels.Values<int>().ToArray()
        : throw Missing($"array {AuditFile.Labels}");

    private AuditedArray Array(string name)
    {
        if (!arrays.TryGetValue(name, out NamedArray? array))
            throw Missing($"array {name}");
        double[] values = precision == Precision.Float64
            ? array.Values<double>().ToArray()
            : System.Array.ConvertAll(array.Values<float>().ToArray(), value => (double)value);
        return new AuditedArray(new Shape(array.Shape), values);
    }

    private string[] Names(string key) => Text(key).Split(',', StringSplitOptions.RemoveEmptyEntries);

    private T Parsed<T>(string key, Func<string, T> parse)
    {
        string text = Text(key);
        try
        {
            return parse(text);
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or DropoutLabException)
        {
            throw new DropoutLabException($"{path}: its metadata {key} '{text}' cannot be read: {exception.Message}", exception);
        }
    }

    private string Text(string key) => file.Metadata.TryGetValue(key, out string? text) ? text : throw Missing($"metadata {key}");

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private DropoutLabException Missing(string what) => new($"{path} has no {what}, which the audit of a step has");
}

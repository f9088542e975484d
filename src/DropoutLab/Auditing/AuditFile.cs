using System.Globalization;
using System.Numerics.Tensors;
using DropoutLab.Backends;
using DropoutLab.Storage;

namespace DropoutLab.Auditing;

/// <summary>
/// An audited step as a safetensors file that any program can check: the arrays under the names and in the layouts of
/// docs/audit.md, and as metadata what they are a function of.
/// </summary>
public static class AuditFile
{
    /// <summary>The value of the metadata entry <c>format</c>: the meaning of names, layouts and metadata.</summary>
    public const string Format = "dropoutlab-audit-1";

    internal const string Images = "images";
    internal const string Labels = "labels";
    internal const string Loss = "loss";
    internal const string Threads = "threads";

    private static readonly Dictionary<string, string> NoRemarks = [];

    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="path">The file; an old one is replaced.</param>
    /// <param name="audit">The step.</param>
    /// <param name="remarks">Further metadata, such as where the images come from.</param>
    /// <exception cref="DropoutLabException">The file cannot be written; an old one is as it was.</exception>
    public static void Write(string path, StepAudit audit, IReadOnlyDictionary<string, string>? remarks = null) =>
        SafetensorsFile.Write(path, Arrays(audit), new Dictionary<string, string>([.. Metadata(audit), .. remarks ?? NoRemarks]));

    /// <summary>
    /// Reads what <see cref="Write"/> wrote: the step's arrays to the bit, but factors in 32 bits where the step was not in 64.
    /// </summary>
    /// <exception cref="DropoutLabException">The file cannot be read, is damaged, or is no audit.</exception>
    public static StepAudit Read(string path) => new AuditReader(path).Read();

    /// <summary>The arrays of two audits of one step that differ in a bit as they are stored.</summary>
    /// <returns>Names, and ‖found − expected‖ / ‖expected‖; ‖found‖ where the expected array is 0.</returns>
    /// <exception cref="DropoutLabException">The audits do not have the same arrays.</exception>
    public static IReadOnlyList<(string Name, double Distance)> Differing(StepAudit expected, StepAudit found)
    {
        Dictionary<string, NamedArray> others = Arrays(found).ToDictionary(array => array.Name);
        IReadOnlyList<NamedArray> arrays = Arrays(expected);
        if (!others.Keys.ToHashSet().SetEquals(arrays.Select(array => array.Name)))
            throw new DropoutLabException("the two audits have not the same arrays: they are of different networks or versions");
        return
        [
            .. arrays.Where(array => !array.HasBytesOf(others[array.Name]))
                .Select(array => (array.Name, Distance(Numbers(array), Numbers(others[array.Name])))),
        ];
    }

    /// <summary>
    /// Every array of the step by its name: float64 if the step was computed in it, else float32; labels int32.
    /// </summary>
    public static IReadOnlyList<NamedArray> Arrays(StepAudit audit) =>
    [
        .. Entries(audit)
            .Select(entry => Store(entry.Name, entry.Array.Shape.Axes, entry.Array.Values, audit.Settings.Precision)),
        Store(Loss, [], [audit.Loss], audit.Settings.Precision),
        NamedArray.Create<int>(Labels, [audit.Labels.Count], [.. audit.Labels]),
    ];

    /// <summary>What the step is a function of, the layout of each array, and the geometry of each weight layer.</summary>
    public static IReadOnlyDictionary<string, string> Metadata(StepAudit audit) =>
        new Dictionary<string, string>(
        [
            .. Settings(audit.Settings), .. ThreadCount(audit.Settings), .. Ratios(audit.Settings),
            .. audit.Layers.SelectMany(Geometry), .. Layouts(audit),
        ])
        {
            ["layers"] = string.Join(',', audit.Layers.Select(layer => layer.Name)),
        };

    private static Dictionary<string, string> Settings(AuditSettings settings) => new()
    {
        ["format"] = Format,
        ["dropoutlab"] = LibraryVersion.Text,
        ["network"] = settings.Network,
        ["dropout"] = $"{settings.Rule}",
        ["second_drop_probability"] = settings.Rule.SecondDropProbability.At(settings.Step)
            .ToString(CultureInfo.InvariantCulture),
        ["dropout_at"] = string.Join(',', settings.Sites.Select(site => site.Name)),
        ["mask_sharing"] = $"{settings.Sharing}",
        ["seed"] = settings.Seed.ToString(CultureInfo.InvariantCulture),
        ["step"] = settings.Step.ToString(CultureInfo.InvariantCulture),
        ["precision"] = settings.Precision.ShortName(),
        ["backend"] = settings.Backend,
    };

    private static IEnumerable<KeyValuePair<string, string>> ThreadCount(AuditSettings settings) =>
        settings.Threads is { } threads ? [KeyValuePair.Create(Threads, threads.ToString(CultureInfo.InvariantCulture))] : [];

    private static IEnumerable<KeyValuePair<string, string>> Ratios(AuditSettings settings) =>
        settings.Sites.Select(site => KeyValuePair.Create(
            $"{site.Name}.drop_probability", site.Rule.DropProbability.At(settings.Step).ToString(CultureInfo.InvariantCulture)));

    private static Dictionary<string, string> Geometry(LayerAudit layer) => layer.IsConvolution
        ? new()
        {
            [$"{layer.Name}.kind"] = "convolution",
            [$"{layer.Name}.stride"] = layer.Stride.ToString(CultureInfo.InvariantCulture),
            [$"{layer.Name}.padding"] = layer.Padding.ToString(CultureInfo.InvariantCulture),
        }
        : new() { [$"{layer.Name}.kind"] = "linear" };

    private static IEnumerable<KeyValuePair<string, string>> Layouts(StepAudit audit) =>
    [
        .. Entries(audit).Select(entry => KeyValuePair.Create($"{entry.Name}.layout", entry.Layout)),
        KeyValuePair.Create($"{Labels}.layout", "N"),
        KeyValuePair.Create($"{Loss}.layout", "scalar"),
    ];

    private static IEnumerable<Entry> Entries(StepAudit audit) =>
        [new Entry(Images, "NHWC", audit.Images), .. audit.Layers.SelectMany(Entries), .. OtherParameters(audit)];

    /// <summary>What is no layer's weight or bias: batch normalisation's scale, shift and running averages.</summary>
    private static IEnumerable<Entry> OtherParameters(StepAudit audit)
    {
        HashSet<string> ofLayers = [.. audit.Layers.SelectMany(Entries).Select(entry => entry.Name)];
        return audit.Parameters.Where(parameter => !ofLayers.Contains(parameter.Key))
            .Select(parameter => new Entry(parameter.Key, Layout(parameter.Value.Shape.Rank), parameter.Value));

        static string Layout(int rank) => rank == 1 ? "C" : "OIHW"[..rank];
    }

    private static IEnumerable<Entry> Entries(LayerAudit layer)
    {
        (string weight, string input, string output) = layer.IsConvolution ? ("OIHW", "NHWC", "NHWC") : ("OI", "NI", "NO");
        yield return Of("weight", weight, layer.Weight);
        if (layer.Bias is not null)
            yield return Of("bias", "O", layer.Bias);
        yield return Of("input", input, layer.Input);
        yield return Of("forward_factor", input, layer.ForwardFactor);
        yield return Of("backward_factor", input, layer.BackwardFactor);
        yield return Of("output", output, layer.Output);
        yield return Of("grad_output", output, layer.OutputGradient);
        yield return Of("grad_weight", weight, layer.WeightGradient);
        if (layer.BiasGradient is not null)
            yield return Of("grad_bias", "O", layer.BiasGradient);
        yield return Of("grad_input", input, layer.InputGradient);

        Entry Of(string name, string layout, AuditedArray array) => new($"{layer.Name}.{name}", layout, array);
    }

    private static double Distance(double[] expected, double[] found)
    {
        if (expected.Length != found.Length)
            return double.PositiveInfinity;
        double norm = TensorPrimitives.Norm<double>(expected), distance = TensorPrimitives.Distance<double>(found, expected);
        return norm == 0 ? distance : distance / norm;
    }

    private static double[] Numbers(NamedArray array) => array.Type switch
    {
        StoredType.F64 => array.Values<double>().ToArray(),
        StoredType.F32 => Array.ConvertAll(array.Values<float>().ToArray(), value => (double)value),
        StoredType.I32 => Array.ConvertAll(array.Values<int>().ToArray(), value => (double)value),
        _ => throw new ArgumentOutOfRangeException(nameof(array), array.Type, "not a type of an audit's arrays"),
    };

    private static NamedArray Store(string name, ReadOnlySpan<int> shape, double[] values, Precision precision) =>
        precision == Precision.Float64
            ? NamedArray.Create<double>(name, shape, values)
            : NamedArray.Create<float>(name, shape, Array.ConvertAll(values, value => (float)value));

    private sealed record Entry(string Name, string Layout, AuditedArray Array);
}

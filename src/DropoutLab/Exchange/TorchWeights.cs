using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Storage;

namespace DropoutLab.Exchange;

/// <summary>
/// A network's parameters as PyTorch's modules have them, in a safetensors file: convolutions [outputs, inputs, height, width]
/// and linear layers [outputs, inputs] as they are here; of a batch normalisation weight, bias, running_mean, running_var and
/// num_batches_tracked; and a linear layer that reads flattened images has its inputs in the order channel, row, column.
/// </summary>
/// <remarks>Source: PyTorch, torch.nn.Module.state_dict, and torch.nn.BatchNorm2d.</remarks>
public static class TorchWeights
{
    private const string Tracked = "num_batches_tracked";

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="network">Whose parameters.</param>
    /// <param name="parameters">Their values.</param>
    /// <exception cref="DropoutLabException">The file cannot be written.</exception>
    public static void Write(string path, Network network, ParameterStore parameters)
    {
        Layout layout = new(network);
        List<NamedArray> arrays = [];
        foreach (Parameter parameter in network.Parameters)
        {
            float[] values = parameters.ReadSingle(parameter.Name, ParameterArray.Value);
            if (layout.Flattened.TryGetValue(parameter.Name, out int[]? image))
                values = Reordered(values, image, toTorch: true);
            arrays.Add(NamedArray.Create<float>(layout.NameOf(parameter.Name), parameter.Shape.Axes, values));
        }

        arrays.AddRange(layout.Norms.Select(norm => NamedArray.Create<long>($"{norm}.{Tracked}", [], [0])));
        SafetensorsFile.Write(path, arrays, new Dictionary<string, string> { ["format"] = "pt" });
    }

    /// <summary>
    /// Sets those parameters whose name and shape a file has, PyTorch's or a checkpoint of this program; others stay as they are.
    /// </summary>
    /// <param name="path">The file: numbers of 32 bits or 16.</param>
    /// <param name="network">Whose parameters.</param>
    /// <param name="parameters">Take the values.</param>
    /// <returns>The names of those that were set.</returns>
    /// <exception cref="DropoutLabException">
    /// The file is damaged, has a number that is none, or nothing that fits. The parameters are then as they were.
    /// </exception>
    public static IReadOnlyList<string> Read(string path, Network network, ParameterStore parameters)
    {
        SafetensorsFile file = SafetensorsFile.Read(path);
        // A checkpoint's flattened images are in the order that they have here.
        bool isOwn = file.Metadata.ContainsKey("epoch");
        Layout layout = new(network);
        Dictionary<string, NamedArray> stored = file.Arrays.ToDictionary(array => array.Name);
        List<(string Name, float[] Values)> found = [];
        foreach (Parameter parameter in network.Parameters)
        {
            if ((stored.GetValueOrDefault(layout.NameOf(parameter.Name)) ?? stored.GetValueOrDefault(parameter.Name))
                is not { } array || !array.Shape.SequenceEqual(parameter.Shape.Axes))
            {
                continue;
            }

            float[] values = array.FiniteNumbers(path);
            found.Add((parameter.Name, !isOwn && layout.Flattened.TryGetValue(parameter.Name, out int[]? image)
                ? Reordered(values, image, toTorch: false)
                : values));
        }

        if (found.Count == 0)
        {
            throw new DropoutLabException(
                $"{path} has no array of the name and shape of a parameter of {network.Name}: it holds "
                    + string.Join(", ", stored.Keys.Order(StringComparer.Ordinal).Take(5)) + ", …; there are "
                    + string.Join(", ", network.Parameters.Take(5).Select(parameter => layout.NameOf(parameter.Name))) + ", …");
        }

        foreach ((string name, float[] values) in found)
            parameters.Write(name, ParameterArray.Value, values);
        return [.. found.Select(parameter => parameter.Name)];
    }

    /// <summary>Of a weight [outputs, H·W·C] the inputs in the order C, H, W, or back.</summary>
    private static float[] Reordered(float[] weight, int[] image, bool toTorch)
    {
        (int pixels, int channels) = (image[0] * image[1], image[2]);
        float[] reordered = new float[weight.Length];
        for (int i = 0; i < weight.Length; i++)
        {
            int row = i - i % (pixels * channels), place = i - row;
            int other = toTorch
                ? place % channels * pixels + place / channels
                : place % pixels * channels + place / pixels;
            reordered[row + other] = weight[i];
        }

        return reordered;
    }

    /// <summary>What the graph says of parameters: which are of a batch normalisation, and which read flattened images.</summary>
    private sealed class Layout
    {
        private readonly Dictionary<string, string> names = [];

        public Layout(Network network)
        {
            BuiltNetwork built = network.Build(1, DropoutSettings.None, StatisticsSource.RunningAverage);
            foreach (Value value in TopologicalOrder.Of(built.Outputs.Values, needsBackwardViews: false))
            {
                if (value.Operator is ChannelNorm)
                    AddNorm([.. value.Inputs.Skip(1).Select(NameOfSource)]);
                else if (value.Operator is LinearMap && FlattenedImage(value.Inputs[0]) is { } image
                    && NameOfSource(value.Inputs[1]) is { } weight)
                    Flattened[weight] = image;
            }
        }

        /// <summary>The layers of batch normalisation.</summary>
        public List<string> Norms { get; } = [];

        /// <summary>[H, W, C] of the images that a linear layer's weight reads flattened.</summary>
        public Dictionary<string, int[]> Flattened { get; } = [];

        public string NameOf(string parameter) => names.GetValueOrDefault(parameter, parameter);

        private void AddNorm(string?[] inputs)
        {
            string[] own = ["running_mean", "running_var", "weight", "bias"];
            foreach ((string? parameter, string name) in inputs.Zip(own))
            {
                if (parameter is not null)
                    names[parameter] = $"{LayerOf(parameter)}.{name}";
            }

            if (inputs[0] is { } mean && !Norms.Contains(LayerOf(mean)))
                Norms.Add(LayerOf(mean));
        }

        private static string LayerOf(string parameter) => parameter[..Math.Max(0, parameter.LastIndexOf('.'))];

        private static string? NameOfSource(Value value) => (value.Operator as ParameterSource)?.Parameter.Name;

        private static int[]? FlattenedImage(Value x)
        {
            while (x.Inputs is [{ } only] && only.Shape == x.Shape)
                x = only;
            return x.Operator is Reshape && x.Inputs[0].Shape.Rank == 4 ? x.Inputs[0].Shape.Axes[1..].ToArray() : null;
        }
    }
}

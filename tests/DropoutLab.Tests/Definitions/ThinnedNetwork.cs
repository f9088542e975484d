using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Tests.Definitions;

/// <summary>
/// One datum's own network as a list of connections: those from units that its masks dropped, and those into units that nobody
/// reads any more, are not there at all. Layers are linear or convolutional, with ReLU between them.
/// </summary>
internal sealed class ThinnedNetwork
{
    private readonly List<Layer> layers = [];

    public ThinnedNetwork(
        TrainingStep step, DropoutRule rule, ulong seed, uint stepNumber, uint datum, IReadOnlySet<string> sites)
    {
        int number = 0;
        foreach (WeightLayerProbe probe in step.Layers)
        {
            MaskStream stream = new(
                seed, number++, 0, stepNumber, sites.Contains(probe.Layer.Name) ? rule.DropProbability.At(stepNumber) : 0);
            Shape input = probe.Layer.Input.Shape, weight = probe.Layer.Output.Inputs[1].Shape;
            layers.Add(new Layer(
                probe.Layer.Name,
                Connections(probe.Layer.Output.Operator, input, weight, feature => stream.Keeps(datum, feature)).ToList(),
                probe.Layer.Output.Shape.CountPerDatum, weight[0], stream.Scale,
                step.Store.Read($"{probe.Layer.Name}.weight", ParameterArray.Value),
                step.Store.Read($"{probe.Layer.Name}.bias", ParameterArray.Value)));
        }

        for (int i = layers.Count - 2; i >= 0; i--)
            layers[i].RemoveUnitsOutside([.. layers[i + 1].Connections.Select(connection => connection.From)]);
    }

    public int ConnectionCount => layers.Sum(layer => layer.Connections.Count);

    /// <summary>The gradients of −log softmax(z)[label], by parameter name.</summary>
    public Dictionary<string, double[]> Gradients(double[] image, int label)
    {
        List<double[]> inputs = [image];
        foreach (Layer layer in layers)
            inputs.Add(layer.Forward(inputs[^1], relu: layer != layers[^1]));
        double[] logits = inputs[^1];
        double sum = logits.Sum(Math.Exp);
        double[] signal = [.. logits.Select((z, k) => Math.Exp(z) / sum - (k == label ? 1 : 0))];
        Dictionary<string, double[]> gradients = [];
        for (int i = layers.Count - 1; i >= 0; i--)
            signal = layers[i].Backward(inputs[i], signal, gradients);
        return gradients;
    }

    private static IEnumerable<(int From, int To, int Weight)> Connections(
        Operator layer, Shape input, Shape weight, Func<int, bool> keeps)
    {
        (int stride, int padding) = layer is Convolution c ? (c.Stride, c.Padding) : (1, 0);
        (int height, int width, int channels) = input.Rank == 4 ? (input[1], input[2], input[3]) : (1, 1, input[1]);
        int kernel = weight.Rank == 4 ? weight[2] : 1;
        int rows = (height + 2 * padding - kernel) / stride + 1, columns = (width + 2 * padding - kernel) / stride + 1;
        return
            from y in Enumerable.Range(0, rows)
            from x in Enumerable.Range(0, columns)
            from u in Enumerable.Range(0, kernel)
            from v in Enumerable.Range(0, kernel)
            let row = y * stride + u - padding
            let column = x * stride + v - padding
            where row >= 0 && row < height && column >= 0 && column < width
            from i in Enumerable.Range(0, channels)
            let feature = (row * width + column) * channels + i
            where keeps(feature)
            from o in Enumerable.Range(0, weight[0])
            select (feature, (y * columns + x) * weight[0] + o, ((o * channels + i) * kernel + u) * kernel + v);
    }

    private sealed class Layer(
        string name, List<(int From, int To, int Weight)> connections, int units, int channels, double scale, double[] weights,
        double[] biases)
    {
        private HashSet<int>? live;

        public List<(int From, int To, int Weight)> Connections => connections;

        public void RemoveUnitsOutside(HashSet<int> read)
        {
            live = read;
            connections.RemoveAll(connection => !read.Contains(connection.To));
        }

        public double[] Forward(double[] input, bool relu)
        {
            double[] z = new double[units];
            for (int unit = 0; unit < units; unit++)
                z[unit] = IsLive(unit) ? biases[unit % channels] : double.NaN;
            foreach ((int from, int to, int weight) in connections)
                z[to] += weights[weight] * scale * input[from];
            return relu ? [.. z.Select(value => value > 0 ? value : value * 0)] : z;
        }

        /// <summary>From ∂J/∂z to ∂J/∂(what this layer's input was before its own ReLU).</summary>
        public double[] Backward(double[] input, double[] signal, Dictionary<string, double[]> gradients)
        {
            double[] dw = new double[weights.Length], db = new double[biases.Length], below = new double[input.Length];
            for (int unit = 0; unit < units; unit++)
                db[unit % channels] += IsLive(unit) ? signal[unit] : 0;
            foreach ((int from, int to, int weight) in connections)
            {
                dw[weight] += signal[to] * scale * input[from];
                if (input[from] > 0)
                    below[from] += signal[to] * scale * weights[weight];
            }

            (gradients[$"{name}.weight"], gradients[$"{name}.bias"]) = (dw, db);
            return below;
        }

        private bool IsLive(int unit) => live is null || live.Contains(unit);
    }
}

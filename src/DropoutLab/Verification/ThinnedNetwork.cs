using DropoutLab.Auditing;

namespace DropoutLab.Verification;

/// <summary>
/// One datum's own multilayer perceptron: the units that its masks drop are not in it, so that its matrices are smaller. What
/// is left of a layer's input is multiplied by 1/(1 − p).
/// </summary>
internal sealed class ThinnedNetwork
{
    private readonly IReadOnlyList<LayerAudit> layers;
    private readonly int datum;
    private readonly double scale;
    private readonly int[][] units;

    /// <param name="layers">The whole network's layers, linear, with ReLU between them.</param>
    /// <param name="datum">Whose network it is.</param>
    /// <param name="factors">F of each layer's input, [N, inputs]: 0 for a unit that is not there.</param>
    /// <param name="scale">1/(1 − p).</param>
    public ThinnedNetwork(IReadOnlyList<LayerAudit> layers, int datum, IReadOnlyList<double[]> factors, double scale)
    {
        (this.layers, this.datum, this.scale) = (layers, datum, scale);
        units = [.. layers.Select((layer, number) => Left(factors[number], layer.Weight.Shape[1])),
            [.. Enumerable.Range(0, layers[^1].Weight.Shape[0])]];

        int[] Left(double[] factor, int count) =>
            [.. Enumerable.Range(0, count).Where(unit => factor[datum * count + unit] != 0)];
    }

    /// <summary>Adds a multiple of the gradient of −log softmax(z)[label] to the whole network's gradients.</summary>
    /// <param name="label">The datum's class.</param>
    /// <param name="part">The multiple.</param>
    /// <param name="weights">∂J/∂W of each layer, [outputs, inputs].</param>
    /// <param name="biases">∂J/∂b of each layer.</param>
    public void AddGradients(int label, double part, double[][] weights, double[][] biases)
    {
        double[][] inputs = Forward(out double[] logits);
        double[] signal = SoftmaxSignal(logits, label);
        for (int number = layers.Count - 1; number >= 0; number--)
        {
            double[,] matrix = Matrix(number);
            AddOuterProduct(number, signal, inputs[number], part, weights[number], biases[number]);
            if (number > 0)
                signal = Gate(number - 1, TransposedProduct(matrix, signal));
        }
    }

    /// <summary>The input of each layer.</summary>
    private double[][] Forward(out double[] logits)
    {
        double[][] inputs = new double[layers.Count][];
        double[] values = [.. units[0].Select(unit => layers[0].Input.Datum(datum)[unit])];
        for (int number = 0; ; number++)
        {
            inputs[number] = values;
            values = Product(Matrix(number), values);
            for (int unit = 0; unit < values.Length; unit++)
                values[unit] += layers[number].Bias!.Values[units[number + 1][unit]];
            if (number == layers.Count - 1)
                break;
            values = Gate(number, values);
        }

        logits = values;
        return inputs;
    }

    /// <summary>The weights between what is left of a layer's input and of the next one's, scaled.</summary>
    private double[,] Matrix(int number)
    {
        (int[] to, int[] from) = (units[number + 1], units[number]);
        double[,] matrix = new double[to.Length, from.Length];
        for (int row = 0; row < to.Length; row++)
        {
            for (int column = 0; column < from.Length; column++)
                matrix[row, column] =
                    layers[number].Weight.Values[to[row] * layers[number].Weight.Shape[1] + from[column]] * scale;
        }

        return matrix;
    }

    /// <summary>
    /// ReLU and its derivative, on or off as the engine's z has it: within rounding of 0 either is right, and one that differs
    /// would change the gradient by more than rounding.
    /// </summary>
    private double[] Gate(int number, double[] values) =>
        [.. values.Select((value, unit) => layers[number].Output.Datum(datum)[units[number + 1][unit]] > 0 ? value : 0)];

    private void AddOuterProduct(int number, double[] signal, double[] input, double part, double[] weights, double[] biases)
    {
        int width = layers[number].Weight.Shape[1];
        for (int row = 0; row < signal.Length; row++)
        {
            int output = units[number + 1][row];
            biases[output] += part * signal[row];
            for (int column = 0; column < input.Length; column++)
                weights[output * width + units[number][column]] += part * signal[row] * input[column] * scale;
        }
    }

    /// <summary>softmax(z) − e(label).</summary>
    private static double[] SoftmaxSignal(double[] logits, int label)
    {
        double largest = logits.Max(), sum = logits.Sum(logit => Math.Exp(logit - largest));
        return [.. logits.Select((logit, unit) => Math.Exp(logit - largest) / sum - (unit == label ? 1 : 0))];
    }

    private static double[] Product(double[,] matrix, double[] vector)
    {
        double[] product = new double[matrix.GetLength(0)];
        for (int row = 0; row < product.Length; row++)
        {
            for (int column = 0; column < vector.Length; column++)
                product[row] += matrix[row, column] * vector[column];
        }

        return product;
    }

    private static double[] TransposedProduct(double[,] matrix, double[] vector)
    {
        double[] product = new double[matrix.GetLength(1)];
        for (int row = 0; row < vector.Length; row++)
        {
            for (int column = 0; column < product.Length; column++)
                product[column] += matrix[row, column] * vector[row];
        }

        return product;
    }
}

using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Tests.Definitions;

namespace DropoutLab.Tests.Backends;

/// <summary>
/// Batch normalisation and its gradients, and the shortcut of a residual block: plain loops against formulas, fast kernels
/// against plain loops.
/// </summary>
public sealed class BatchNormTests
{
    private const double Epsilon = 1e-5;

    public static TheoryData<int, int, int, int, double> Shapes() => new()
    {
        { 1, 2, 3, 1, 0 },
        { 2, 3, 3, 3, 0 },
        { 5, 7, 6, 5, 1 },
        { 3, 4, 5, 16, 0 },
        { 7, 9, 11, 19, 30 },
        { 4, 8, 8, 64, -3 },
        { 3, 16, 16, 40, 100 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void PlainLoopsAreTheFormulas(int batch, int height, int width, int channels, double mean)
    {
        Normalised norm = new(batch, height, width, channels);
        using Backend backend = TestBackends.Reference();
        (Dictionary<Value, double[]> inputs, double[][] results) = norm.Run(backend, Precision.Float64, mean);
        double[] x = inputs[norm.X], dy = inputs[norm.Dy], scale = inputs[norm.Scale], shift = inputs[norm.Shift];
        int count = batch * height * width;
        for (int c = 0; c < channels; c++)
        {
            int channel = c;
            int[] places = [.. Enumerable.Range(0, count).Select(i => i * channels + channel)];
            double centre = places.Average(i => x[i]), variance = places.Average(i => (x[i] - centre) * (x[i] - centre));
            double deviation = Math.Sqrt(variance + Epsilon);
            double[] normalised = [.. places.Select(i => (x[i] - centre) / deviation)];
            double shiftGradient = places.Sum(i => dy[i]), scaleGradient = places.Select((i, k) => dy[i] * normalised[k]).Sum();
            Near(centre, results[0][c]);
            Near(variance, results[1][c]);
            Near(scaleGradient, results[3][c]);
            Near(shiftGradient, results[4][c]);
            for (int k = 0; k < count; k++)
            {
                Near(scale[c] * normalised[k] + shift[c], results[2][places[k]]);
                Near(scale[c] / deviation * (dy[places[k]] - shiftGradient / count - normalised[k] * scaleGradient / count),
                    results[5][places[k]]);
            }
        }

        static void Near(double expected, double actual) =>
            Assert.Equal(expected, actual, 1e-9 * Math.Max(1, Math.Abs(expected)));
    }

    /// <summary>A channel of a vector is a feature.</summary>
    [Theory]
    [InlineData(2, 5)]
    [InlineData(7, 3)]
    [InlineData(33, 40)]
    public void VectorsAreImagesOfOnePixel(int batch, int features)
    {
        foreach (Backend backend in TestBackends.All())
        {
            using (backend)
                Assert.Equal(
                    new Normalised(new Shape(batch, 1, 1, features)).Run(backend, Precision.Float32, mean: 1).Results,
                    new Normalised(new Shape(batch, features)).Run(backend, Precision.Float32, mean: 1).Results);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void FastKernelsEqualThePlainLoopsIn32Bits(int batch, int height, int width, int channels, double mean) =>
        AssertFastEqualsPlain(
            Precision.Float32, Math.Abs(mean) > 10 ? 1e-4 : 1e-5, new Normalised(batch, height, width, channels), mean);

    /// <summary>bfloat16 holds a distance from a far mean with few bits, so what goes in is what it holds.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public void FastKernelsEqualThePlainLoopsInBFloat16(int batch, int height, int width, int channels, double mean) =>
        AssertFastEqualsPlain(
            Precision.BFloat16, 2e-2, new Normalised(batch, height, width, channels) { Hold = HeldByBFloat16 }, mean);

    [Theory]
    [InlineData(5, 6, 3, 3, 2)]
    [InlineData(4, 4, 16, 32, 2)]
    [InlineData(7, 5, 5, 9, 3)]
    [InlineData(3, 3, 2, 2, 1)]
    public void SubsampleKeepsEveryOtherPixel(int height, int width, int channels, int wider, int stride)
    {
        Subsample subsample = new(stride, wider);
        Value x = Operations.Input("x", new Shape(2, height, width, channels)), y = Operations.Subsample(x, stride, wider);
        Value dy = Operations.Input("dy", y.Shape), dx = new(new SubsampleGradient(subsample, x.Shape), dy);
        foreach (Backend backend in TestBackends.All())
        {
            using (backend)
            {
                double[] image = Numbers(1, x.Shape.Count), signal = Numbers(2, y.Shape.Count);
                double[][] results = Run(backend, Precision.Float32, [y, dx], new() { [x] = image, [dy] = signal });
                double[] expected = new double[y.Shape.Count], gradient = new double[x.Shape.Count];
                for (int i = 0; i < x.Shape.Count; i++)
                {
                    (int n, int row, int column, int c) = (i / (height * width * channels), i / (width * channels) % height,
                        i / channels % width, i % channels);
                    if (row % stride != 0 || column % stride != 0)
                        continue;
                    int to = ((n * y.Shape[1] + row / stride) * y.Shape[2] + column / stride) * wider + c;
                    expected[to] = image[i];
                    gradient[i] = signal[to];
                }

                Assert.Equal(expected, results[0]);
                Assert.Equal(gradient, results[1]);
            }
        }
    }

    private static void AssertFastEqualsPlain(Precision precision, double bound, Normalised norm, double mean)
    {
        using OneDnnBackend onednn = TestBackends.OneDnn();
        using Backend plain = TestBackends.Reference();
        double[][] expected = norm.Run(plain, Precision.Float64, mean).Results,
            actual = norm.Run(onednn, precision, mean).Results;
        for (int i = 0; i < expected.Length; i++)
        {
            double distance = TestBackends.RelativeDistance(expected[i], actual[i]);
            Assert.True(
                distance <= bound, $"{Normalised.Names[i]} is off by {distance:g3} of the norm; the bound is {bound:g3}");
        }
    }

    private static double HeldByBFloat16(double value) => BFloat16.ToSingle(BFloat16.FromSingle((float)value));

    /// <summary>Multiples of 1/128 below 1 in size, which every precision holds.</summary>
    private static double[] Numbers(int seed, int count)
    {
        System.Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(-127, 128) / 128.0)];
    }

    private static double[][] Run(Backend backend, Precision precision, Value[] outputs, Dictionary<Value, double[]> inputs)
    {
        using ParameterStore store = new([], precision);
        using Plan plan = backend.Compile(PlanRequest.Evaluate(outputs, store), precision);
        foreach ((Value input, double[] values) in inputs)
            plan.Write(input, values);
        plan.Run();
        return [.. outputs.Select(plan.Read)];
    }

    private sealed class Normalised
    {
        private readonly Value[] outputs;

        public Normalised(int batch, int height, int width, int channels)
            : this(new Shape(batch, height, width, channels))
        {
        }

        public Normalised(Shape x)
        {
            X = Operations.Input("x", x);
            Dy = Operations.Input("dy", X.Shape);
            int channels = x[x.Rank - 1];
            Scale = Operations.Input("scale", new Shape(channels), ElementKind.Accumulator);
            Shift = Operations.Input("shift", new Shape(channels), ElementKind.Accumulator);
            ChannelNorm norm = new(Epsilon);
            Value mean = Operations.BatchMean(X), variance = Operations.BatchVariance(X);
            Value scaleGradient = new(new BatchNormScaleGradient(norm), Dy, X, mean, variance),
                shiftGradient = new(new BatchNormShiftGradient(), Dy);
            outputs =
            [
                mean, variance, Operations.ChannelNorm(X, mean, variance, Scale, Shift, Epsilon), scaleGradient, shiftGradient,
                new(new BatchNormInputGradient(norm), Dy, X, mean, variance, Scale, scaleGradient, shiftGradient),
            ];
        }

        public static string[] Names { get; } = ["mean", "variance", "y", "scale's gradient", "shift's gradient", "x's gradient"];

        /// <summary>What a precision makes of a number.</summary>
        public Func<double, double> Hold { get; init; } = value => value;

        public Value X { get; }

        public Value Dy { get; }

        public Value Scale { get; }

        public Value Shift { get; }

        public (Dictionary<Value, double[]> Inputs, double[][] Results) Run(Backend backend, Precision precision, double mean)
        {
            Dictionary<Value, double[]> inputs = new()
            {
                [X] = [.. Numbers(3, X.Shape.Count).Select(value => Hold(value + mean))],
                [Dy] = Numbers(4, Dy.Shape.Count),
                [Scale] = Numbers(5, Scale.Shape.Count),
                [Shift] = Numbers(6, Shift.Shape.Count),
            };
            return (inputs, BatchNormTests.Run(backend, precision, outputs, inputs));
        }
    }
}

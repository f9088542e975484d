using DropoutLab.Backends;
using DropoutLab.Backends.Reference;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Benchmarks.Shapes;

/// <summary>
/// A convolution of any shape that is accepted, and whether a backend computes it, its input's, weights' and bias's gradients as
/// the plain sums in 64 bits do.
/// </summary>
internal sealed record ConvolutionShape(
    int Batch, int Height, int Width, int Inputs, int Outputs, int KernelHeight, int KernelWidth, int Stride, int Padding)
{
    /// <summary>Products that the plain sums take; beyond, a shape is drawn anew.</summary>
    private const long MostProducts = 2_000_000;

    private static readonly int[] Lengths = [1, 1, 1, 2, 3, 4, 5, 6, 7, 9, 11, 14, 17, 33];
    private static readonly int[] Channels = [1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 20, 31, 32, 33, 48, 64];
    private static readonly string[] Names = ["z", "the input's gradient", "the weights' gradient", "the bias's gradient"];

    private long Products => (long)Batch * Inputs * Outputs
        * KernelHeight * OutputLength(Height, KernelHeight) * KernelWidth * OutputLength(Width, KernelWidth);

    /// <summary>
    /// A shape that is a function of the seed: lengths of 1 and odd channels often, strides above the kernel, even kernels, wide
    /// padding.
    /// </summary>
    public static ConvolutionShape Draw(int seed)
    {
        System.Random random = new(seed);
        while (true)
        {
            int height = Pick(Lengths), width = Pick(Lengths), kernelHeight = random.Next(1, 8);
            int kernelWidth = random.Next(4) == 0 ? random.Next(1, 8) : kernelHeight;
            int longest = Math.Max(kernelHeight, kernelWidth);
            ConvolutionShape shape = new(
                random.Next(1, 6), height, width, Pick(Channels), Pick(Channels), kernelHeight, kernelWidth,
                Stride: random.Next(1, longest + 3), Padding: random.Next(0, longest + 2));
            if (shape.Fits(height, kernelHeight) && shape.Fits(width, kernelWidth) && shape.Products <= MostProducts)
                return shape;
        }

        int Pick(int[] of) => of[random.Next(of.Length)];
    }

    /// <summary>What a backend gets wrong.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="precision">What it is to compute in.</param>
    /// <returns>One line, or null.</returns>
    public string? FaultOf(Backend backend, Precision precision)
    {
        Graph graph = new(this);
        using ReferenceBackend plain = new(1);
        double[][] expected = graph.Run(plain, Precision.Float64, out _);
        double[][] actual = graph.Run(backend, precision, out string kernels);
        for (int i = 0; i < expected.Length; i++)
        {
            // z and the input's gradient are rounded to the plan's precision, the weights' and the bias's gradients are not.
            double rounding = precision == Precision.BFloat16 && i < 2 ? 1.0 / 256 : 0;
            double size = Math.Max(1, expected[i].Max(Math.Abs));
            int place = Array.FindIndex(actual[i], value => !double.IsFinite(value));
            if (place < 0)
                place = Enumerable.Range(0, expected[i].Length).FirstOrDefault(IsOff, -1);
            if (place >= 0)
                return $"{Names[i]} in {precision.ShortName()} has {actual[i][place]} at {place} of {expected[i].Length}, "
                    + $"{expected[i][place]} is right; {this}; {kernels}";

            bool IsOff(int k) => Math.Abs(actual[i][k] - expected[i][k]) > rounding * Math.Abs(expected[i][k]) + 2e-5 * size;
        }

        return null;
    }

    private bool Fits(int length, int kernel) => length + 2 * Padding >= kernel;

    private int OutputLength(int length, int kernel) => (length + 2 * Padding - kernel) / Stride + 1;

    /// <summary>The four values of a shape and what goes in.</summary>
    private sealed class Graph
    {
        private readonly Value[] inputs;
        private readonly Value[] outputs;

        public Graph(ConvolutionShape shape)
        {
            Value x = Operations.Input("x", new Shape(shape.Batch, shape.Height, shape.Width, shape.Inputs));
            Value weight = Operations.Input(
                "W", new Shape(shape.Outputs, shape.Inputs, shape.KernelHeight, shape.KernelWidth), ElementKind.Accumulator);
            Value bias = Operations.Input("b", new Shape(shape.Outputs), ElementKind.Accumulator);
            Value z = Operations.Convolution(x, weight, bias, shape.Stride, shape.Padding), dz = Operations.Input("dz", z.Shape);
            Convolution convolution = new(shape.Stride, shape.Padding);
            inputs = [x, weight, bias, dz];
            outputs =
            [
                z, new(new ConvolutionInputGradient(convolution, x.Shape), dz, weight),
                new(new ConvolutionWeightGradient(convolution, weight.Shape), x, dz), new(new BiasGradient(), dz),
            ];
        }

        public double[][] Run(Backend backend, Precision precision, out string kernels)
        {
            using ParameterStore store = new([], precision);
            using Plan plan = backend.Compile(PlanRequest.Evaluate(outputs, store), precision);
            foreach ((int i, Value input) in inputs.Index())
                plan.Write(input, Numbers(i, input.Shape.Count));
            Spoil(plan);
            plan.Run();
            kernels = string.Join(", ", plan.Kernels);
            return [.. outputs.Select(plan.Read)];
        }

        /// <summary>What a kernel does not write is then no number.</summary>
        private unsafe void Spoil(Plan plan)
        {
            HashSet<PlanBuffer> given = [.. inputs.Select(plan.BufferOf)];
            IEnumerable<PlanBuffer> buffers = plan.Kernels.SelectMany(kernel => kernel.Buffers);
            foreach (PlanBuffer buffer in buffers.Where(buffer => !buffer.IsExternal && !given.Contains(buffer)))
                new Span<byte>((void*)buffer.Address, checked((int)buffer.ByteSize)).Fill(byte.MaxValue);
        }

        /// <summary>Multiples of 1/128 below 1 in size, which every precision holds.</summary>
        private static double[] Numbers(int seed, int count)
        {
            System.Random random = new(seed);
            return [.. Enumerable.Range(0, count).Select(_ => random.Next(-127, 128) / 128.0)];
        }
    }
}

using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Training;

namespace DropoutLab.Tests.Sentences;

/// <summary>One training step of a small encoder on made-up tokens.</summary>
internal sealed class SentenceStep : IDisposable
{
    public const int MaxTokens = 7, Places = 2;

    public static readonly EncoderShape Small = new(
        HiddenSize: 6, LayerCount: 2, HeadCount: 2, IntermediateSize: 10, VocabularySize: 11, MaxPositions: 9, TypeCount: 2);

    public SentenceStep(
        Backend backend, Precision precision, string objective, DropoutSettings dropout, int[] lengths,
        EncoderShape? shape = null,
        int maxTokens = MaxTokens)
    {
        Shape = shape ?? Small;
        (Network, Objective) = objective == "simcse"
            ? (Bert.Sentences("small", Shape, maxTokens, Pooling.Mean), new SimCse(0.5))
            : objective == "simcse-cls"
                ? (Bert.Sentences("small", Shape, maxTokens, Pooling.First), new SimCse(0.5))
                : (Bert.MaskedTokens("small", Shape, maxTokens, Places), (Objective)new MaskedTokens());
        Store = new ParameterStore(Network.Parameters, precision);
        Built = Network.Build(lengths.Length, dropout);
        Plan = Built.TrainingPlan(backend, Store, Objective);
        Fill(Plan, lengths, Shape, maxTokens);
    }

    public EncoderShape Shape { get; }

    public Network Network { get; }

    public Objective Objective { get; }

    public BuiltNetwork Built { get; }

    public ParameterStore Store { get; }

    public NetworkPlan Plan { get; }

    public static void Randomise(ParameterStore store, int seed, double size = 0.5)
    {
        System.Random random = new(seed);
        foreach (Parameter parameter in store.Parameters)
        {
            double[] values = new double[parameter.Shape.Count];
            for (int i = 0; i < values.Length; i++)
                values[i] = parameter.InitialMean + size * random.Next(-127, 128) / 128;
            store.Write(parameter.Name, ParameterArray.Value, values);
        }
    }

    /// <summary>The gradients of all trained arrays, by name.</summary>
    public Dictionary<string, double[]> Gradients(ulong seed = 5, uint step = 2)
    {
        Plan.Run(seed, step);
        return Store.Parameters.ToDictionary(
            parameter => parameter.Name, parameter => Store.Read(parameter.Name, ParameterArray.Gradient));
    }

    public void Dispose()
    {
        Plan.Dispose();
        Store.Dispose();
    }

    /// <summary>Sentence n has the same tokens whatever else is in the batch.</summary>
    public static void Fill(NetworkPlan plan, int[] lengths, EncoderShape shape, int maxTokens)
    {
        int[] tokens = new int[lengths.Length * maxTokens];
        int[] positions = new int[lengths.Length * Places], chosen = new int[lengths.Length * Places];
        for (int n = 0; n < lengths.Length; n++)
        {
            System.Random random = new(17 + n);
            for (int l = 0; l < lengths[n]; l++)
                tokens[n * maxTokens + l] = random.Next(shape.VocabularySize);
            for (int m = 0; m < Places; m++)
            {
                bool isThere = m < lengths[n] && (m == 0 || n % 3 > 0);
                positions[n * Places + m] = isThere ? (n + 2 * m) % lengths[n] : -1;
                chosen[n * Places + m] = isThere ? random.Next(shape.VocabularySize) : -1;
            }
        }

        plan.Write(Bert.Tokens, tokens);
        plan.Write(Bert.Lengths, lengths);
        if (!plan.Inputs.Has(Bert.MaskedPositions))
            return;
        plan.Write(Bert.MaskedPositions, positions);
        plan.Write(MaskedTokens.TargetTokens, chosen);
    }
}

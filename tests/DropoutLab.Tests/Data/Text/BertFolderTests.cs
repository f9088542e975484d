using System.Text;
using System.Text.Json.Nodes;
using DropoutLab.Backends;
using DropoutLab.Data.Text;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Storage;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Data.Text;

public sealed class BertFolderTests : IDisposable
{
    private const string Query = "encoder.layer.1.attention.self.query.weight";

    private static readonly EncoderShape Shape = new(
        HiddenSize: 4, LayerCount: 2, HeadCount: 2, IntermediateSize: 6, VocabularySize: 8, MaxPositions: 5,
        LayerNormEpsilon: 1e-7);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void WhatIsWrittenIsReadAgain()
    {
        using ParameterStore written = Store(), read = Store();
        written.Initialise(3);
        BertFolder.Write(folder["bert"], Shape, Vocabulary(), written);
        BertFolder bert = new(folder["bert"]);
        bert.Load(read);

        Assert.Equal(Shape, bert.Shape);
        Assert.Equal(Vocabulary().Digest, bert.Vocabulary.Digest);
        foreach (Parameter parameter in Parameters().SkipLast(1))
            Assert.Equal(written.Read(parameter.Name, ParameterArray.Value), read.Read(parameter.Name, ParameterArray.Value));
        Assert.All(read.Read("head.weight", ParameterArray.Value), value => Assert.Equal(0, value));
        Assert.Equal(
            ["bert/config.json", "bert/model.safetensors", "bert/tokenizer_config.json", "bert/vocab.txt"], folder.Files());
        SafetensorsFile file = SafetensorsFile.Read(folder["bert", "model.safetensors"]);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.DoesNotContain(file.Arrays, array => array.Name == "head.weight");
        OneLine.Throws(() => BertFolder.Write(folder["bert"], Shape, Vocabulary(), written), "holds a model already");
    }

    /// <summary>Names with a prefix, layer norms by their early names, arrays of no use, and numbers of 16 bits.</summary>
    [Fact]
    public void FoldersOfOtherProgramsAreRead()
    {
        Make(array =>
        {
            float[] values = [.. Enumerable.Range(0, array.Shape.Count).Select(i => i - 1.5f)];
            string name = $"bert.{array.Name.Replace("Norm.weight", "Norm.gamma").Replace("Norm.bias", "Norm.beta")}";
            return name.Contains(".key", StringComparison.Ordinal)
                ? NamedArray.Create(name, array.Shape.Axes, Array.ConvertAll(values, value => (Half)value))
                : name.Contains(".value", StringComparison.Ordinal)
                ? NamedArray.Create(name, array.Shape.Axes, Array.ConvertAll(values, BFloat16.FromSingle))
                : NamedArray.Create(name, array.Shape.Axes, values);
        },
        NamedArray.Create<long>("bert.embeddings.position_ids", [1, 5], [0, 1, 2, 3, 4]),
        NamedArray.Create<float>("cls.predictions.bias", [8], new float[8]));
        using ParameterStore store = Store();
        new BertFolder(folder.Root).Load(store);

        foreach (Parameter parameter in Parameters().SkipLast(1))
        {
            IEnumerable<double> expected = Enumerable.Range(0, parameter.Shape.Count).Select(i => i - 1.5);
            Assert.Equal(expected, store.Read(parameter.Name, ParameterArray.Value));
        }
    }

    [Theory]
    [InlineData("hidden_act", "\"gelu_new\"", "config.json has hidden_act \"gelu_new\": only \"gelu\" can be computed here")]
    [InlineData("position_embedding_type", "\"relative_key\"", "position_embedding_type \"relative_key\": only \"absolute\"")]
    [InlineData("model_type", "\"roberta\"", "model_type \"roberta\": only \"bert\"")]
    [InlineData("is_decoder", "true", "is_decoder true")]
    [InlineData("hidden_size", "null", "says nothing of hidden_size")]
    [InlineData("hidden_size", "4.5", "hidden_size 4.5: a whole number of at least 1 is needed")]
    [InlineData("num_hidden_layers", "0", "num_hidden_layers 0")]
    [InlineData("num_hidden_layers", "2000000000", "model.safetensors has no array encoder.layer.2.attention.self.query.weight")]
    [InlineData("num_attention_heads", "3", "hidden_size 4 for 3 heads")]
    [InlineData("layer_norm_eps", "-1", "layer_norm_eps -1: a number above 0")]
    [InlineData("intermediate_size", "7", "holds encoder.layer.0.intermediate.dense.weight as [6, 4], the sizes in")]
    [InlineData("vocab_size", "2000000000", "holds embeddings.word_embeddings.weight as [8, 4]")]
    [InlineData("vocab_size", "7", "has 8 tokens in vocab.txt")]
    public void WhatCannotBeDoneIsOneLine(string setting, string value, string complaint)
    {
        Make(Ones);
        JsonNode configuration = JsonNode.Parse(File.ReadAllText(folder["config.json"]))!;
        configuration[setting] = JsonNode.Parse(value);
        File.WriteAllText(folder["config.json"], configuration.ToJsonString());

        OneLine.Throws(() => new BertFolder(folder.Root), folder.Root, complaint);
    }

    [Fact]
    public void WeightsThatAreNoneAreOneLine()
    {
        void Throws(Func<Parameter, NamedArray?> array, string complaint)
        {
            Make(array);
            using ParameterStore store = Store();
            store.Initialise(1);
            OneLine.Throws(() => new BertFolder(folder.Root).Load(store), folder["model.safetensors"], complaint);
        }

        Throws(parameter => parameter.Name == Query ? null : Ones(parameter), $"has no array {Query}");
        float[] oneIsNone = [.. new float[15], float.NaN];
        Throws(
            parameter => parameter.Name == Query ? NamedArray.Create(Query, [4, 4], oneIsNone) : Ones(parameter),
            $"holds {Query}, whose number 15, from 0, is NaN");
        Throws(
            parameter => parameter.Name == Query ? NamedArray.Create<int>(Query, [4, 4], new int[16]) : Ones(parameter),
            $"holds {Query} as I32: F32, F16 or BF16 is needed");
        File.WriteAllBytes(folder["model.safetensors"], File.ReadAllBytes(folder["model.safetensors"])[..^1]);
        OneLine.Throws(() => new BertFolder(folder.Root), "model.safetensors is damaged");
        File.Delete(folder["vocab.txt"]);
        OneLine.Throws(() => new BertFolder(folder.Root), folder["vocab.txt"], "there is no such file");
        OneLine.Throws(() => new BertFolder(folder["none"]), folder["none", "config.json"], "there is no such file");
    }

    private static Vocabulary Vocabulary() => SmallVocabulary.Of("the", "a", "b");

    private static ParameterStore Store() => new(Parameters(), Precision.Float32);

    private static NamedArray Ones(Parameter parameter) =>
        NamedArray.Create(parameter.Name, parameter.Shape.Axes, Enumerable.Repeat(1f, parameter.Shape.Count).ToArray());

    /// <summary>A folder as another program writes it.</summary>
    private void Make(Func<Parameter, NamedArray?> array, params NamedArray[] more)
    {
        folder.Make("config.json", """
            {"model_type": "bert", "hidden_size": 4, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 6,
             "vocab_size": 8, "max_position_embeddings": 5, "layer_norm_eps": 1e-7, "hidden_act": "gelu",
             "transformers_version": "4.8.2"}
            """u8);
        SmallVocabulary.Make(folder, "the", "a", "b");
        IEnumerable<NamedArray> arrays = Parameters().SkipLast(1).Select(array).OfType<NamedArray>();
        SafetensorsFile.Write(folder["model.safetensors"], [.. arrays, .. more], new Dictionary<string, string>());
    }

    /// <summary>The encoder's, by the names that the field knows them by, and a head's.</summary>
    private static Parameter[] Parameters()
    {
        List<Parameter> parameters = [];
        void Add(string name, params int[] shape) =>
            parameters.Add(new Parameter(name, new Shape(shape), InitialStandardDeviation: 0.02));
        Add("embeddings.word_embeddings.weight", 8, 4);
        Add("embeddings.position_embeddings.weight", 5, 4);
        Add("embeddings.token_type_embeddings.weight", 2, 4);
        Add("embeddings.LayerNorm.weight", 4);
        Add("embeddings.LayerNorm.bias", 4);
        for (int layer = 0; layer < 2; layer++)
        {
            foreach ((string name, int outputs, int inputs) in new[]
            {
                ("attention.self.query", 4, 4), ("attention.self.key", 4, 4), ("attention.self.value", 4, 4),
                ("attention.output.dense", 4, 4), ("attention.output.LayerNorm", 4, 0), ("intermediate.dense", 6, 4),
                ("output.dense", 4, 6), ("output.LayerNorm", 4, 0),
            })
            {
                Add($"encoder.layer.{layer}.{name}.weight", inputs == 0 ? [outputs] : [outputs, inputs]);
                Add($"encoder.layer.{layer}.{name}.bias", outputs);
            }
        }

        Add("head.weight", 4, 4);
        return [.. parameters];
    }
}

# This file is auto-generated. create_table "not_this" do |t|
ActiveRecord::Schema[7.1].define(version: 2026_11_01_000000) do
  enable_extension "plpgsql"

  create_table "guardians", force: :cascade do |t|
    t.string "name", null: false
    t.string "email"
    t.bigint "student_id", null: false
    t.index ["student_id"], name: "index_guardians_on_student_id"
  end

  create_table "messages", force: :cascade do |t|
    t.bigint "sender_id", null: false
    t.bigint "project_id"
    t.text "body"
  end

  create_table "products", force: :cascade do |t|
    t.string "name"
    t.decimal "price", precision: 8, scale: 2
  end

  create_table "projects", force: :cascade do |t|
    t.bigint "user_id", null: false
    t.string "title"
    t.integer "position"
    t.string "state", default: "open"
    t.string "xq7", limit: 20
  end

  create_table "schools", force: :cascade do |t|
    t.string "name", null: false
    t.string "city"
  end

  create_table "users", comment: "Everybody who can sign in", force: :cascade do |t|
    t.string "email", null: false
    t.string "username", limit: 40
    t.string "full_name"
    t.date "birth_date"
    t.string "password_digest", null: false
    t.integer "grade_level"
    t.bigint "school_id"
    t.text "bio"
    t.inet "last_sign_in_ip"
    t.string "zz", comment: "social security number; of staff only"
    t.datetime "created_at", null: false
    t.index ["email"], name: "index_users_on_email", unique: true
    t.check_constraint "grade_level >= 0", name: "grades"
  end

  add_foreign_key "guardians", "users", column: "student_id", on_delete: :cascade
  add_foreign_key "messages", "projects"
  add_foreign_key "messages", "users", column: "sender_id"
  add_foreign_key "projects", "users"
  add_foreign_key "users", "schools"
end
